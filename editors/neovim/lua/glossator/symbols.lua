-- `glossator/symbols/read`: definitions, references and symbols, asked of the user's other language servers. Opens no file.
local client_of = require('glossator.client')
local position = require('glossator.position')
local M = {}

local patience = 3000 -- milliseconds that other servers may take

local methods = {
  definition = 'textDocument/definition',
  references = 'textDocument/references',
  document = 'textDocument/documentSymbol',
  workspace = 'workspace/symbol',
}

local function kind_name(number)
  local name = vim.lsp.protocol.SymbolKind[number]
  return type(name) == 'string' and name:lower() or ''
end

-- The lines of a document, from its buffer or the disk; read when a column has to be counted otherwise.
local function reader()
  local texts = {}
  return function(uri, row)
    local lines = texts[uri]
    if not lines then
      local path = vim.uri_to_fname(uri)
      local bufnr = vim.fn.bufnr(path)
      if bufnr > 0 and vim.api.nvim_buf_is_loaded(bufnr) and vim.api.nvim_buf_get_name(bufnr) == path then
        lines = vim.api.nvim_buf_get_lines(bufnr, 0, -1, false)
      else
        local ok, read = pcall(vim.fn.readfile, path)
        lines = ok and read or {}
      end
      texts[uri] = lines
    end
    return lines[row + 1] or ''
  end
end

local function recode(place, uri, encodings, line_of)
  local from, to = encodings[1], encodings[2]
  if from == to then return place end
  local line = line_of(uri, place.line)
  return { line = place.line, character = position.column(line, position.byte(line, place.character, from), to) }
end

local function extension(path) return vim.fn.fnamemodify(path, ':e') end

-- Servers that know files like this one, attached to it or not: most answer for files that are not open.
local function others(params, method)
  local path = params.uri and vim.uri_to_fname(params.uri)
  local filetype = path and vim.filetype.match({ filename = path })
  local function is_like(bufnr)
    if not vim.api.nvim_buf_is_valid(bufnr) then return false end
    local name = vim.api.nvim_buf_get_name(bufnr)
    return name == path or vim.bo[bufnr].filetype == filetype or extension(name) == extension(path)
  end
  return vim.tbl_filter(function(client)
    if client.name == 'glossator' or not client_of.call(client, 'supports_method', method) then return false end
    return not path or vim.iter(vim.tbl_keys(client.attached_buffers)):any(is_like)
  end, vim.lsp.get_clients())
end

local function add(found, symbol)
  local range = symbol.range
  local key = ('%s:%d:%d:%s'):format(symbol.uri, range.start.line, range.start.character, symbol.name)
  if found.seen[key] then return end
  found.seen[key] = true
  table.insert(found.list, symbol)
end

-- Takes in whatever shape a server answered in: places, links to places, symbols flat or as a tree.
local function take(found, result, params, range_of)
  local function one(item, container)
    local uri = item.targetUri or item.uri or vim.tbl_get(item, 'location', 'uri') or params.uri
    local range = item.targetSelectionRange or item.selectionRange or item.range or vim.tbl_get(item, 'location', 'range')
    if type(uri) == 'string' and type(range) == 'table' then
      add(found, {
        name = item.name or '', kind = kind_name(item.kind), uri = uri, range = range_of(range, uri),
        container = item.containerName or container,
      })
    end
    for _, child in ipairs(type(item.children) == 'table' and item.children or {}) do one(child, item.name) end
  end
  if type(result) ~= 'table' then return end
  if result.uri or result.targetUri then return one(result) end
  for _, item in ipairs(result) do
    if type(item) == 'table' then one(item) end
  end
end

local function request_params(params, at)
  if params.kind == 'workspace' then return { query = params.query or '' } end
  return {
    textDocument = { uri = params.uri }, position = at,
    context = params.kind == 'references' and { includeDeclaration = true } or nil,
  }
end

--- Handler of `glossator/symbols/read`: answers when every server has, or after three seconds with what there is.
function M.read(_, params, context)
  local own = vim.lsp.get_client_by_id(context.client_id)
  local method = type(params) == 'table' and methods[params.kind]
  if not own or not method or (params.kind ~= 'workspace' and type(params.uri) ~= 'string') then
    return nil, vim.lsp.rpc_response_error(vim.lsp.protocol.ErrorCodes.InvalidParams, 'the request names no kind or no document')
  end
  local thread = coroutine.running()
  local found, line_of = { list = {}, seen = {} }, reader()
  local asked = others(params, method)
  local left, complete, over = #asked, #asked > 0, false
  if left == 0 then return { symbols = {}, complete = false } end
  local function finish()
    if over then return end
    over = true
    coroutine.resume(thread, { symbols = found.list, complete = complete })
  end
  for _, client in ipairs(asked) do
    local at = params.position and recode(params.position, params.uri, { own.offset_encoding, client.offset_encoding }, line_of)
    local function range_of(range, uri)
      local codes = { client.offset_encoding, own.offset_encoding }
      return { start = recode(range.start, uri, codes, line_of), ['end'] = recode(range['end'], uri, codes, line_of) }
    end
    local sent = client_of.call(client, 'request', method, request_params(params, at), function(err, result)
      if err then complete = false else take(found, result, params, range_of) end
      left = left - 1
      if left == 0 then vim.schedule(finish) end
    end, vim.api.nvim_get_current_buf())
    if not sent then
      complete, left = false, left - 1
      if left == 0 then vim.schedule(finish) end
    end
  end
  vim.defer_fn(function()
    if over then return end
    complete = false
    finish()
  end, patience)
  return coroutine.yield()
end

return M
