-- What the server asks of the editor: what the user sees, files to be saved, what other language servers report.
local position = require('glossator.position')
local server = require('glossator.server')
local windows = require('glossator.windows')
local M = {}

local function buffer_of(uri)
  local path = vim.uri_to_fname(uri)
  return vim.iter(vim.api.nvim_list_bufs()):find(function(bufnr)
    return vim.api.nvim_buf_is_loaded(bufnr) and vim.api.nvim_buf_get_name(bufnr) == path
  end)
end

local function line_of(bufnr, row) return vim.api.nvim_buf_get_lines(bufnr, row, row + 1, false)[1] or '' end

-- What is selected in the current window, else the cursor.
local function selection(window, bufnr, encoding)
  local row, byte = unpack(vim.api.nvim_win_get_cursor(window))
  local from, to = { row - 1, byte }, { row - 1, byte }
  local mode = vim.fn.mode()
  if window == vim.api.nvim_get_current_win() and (mode == 'v' or mode == 'V') then
    local other = vim.fn.getpos('v')
    from = { other[2] - 1, other[3] - 1 }
    if from[1] > to[1] or (from[1] == to[1] and from[2] > to[2]) then
      from, to = to, from
    end
    if mode == 'V' then
      from[2], to[2] = 0, #line_of(bufnr, to[1])
    else
      to[2] = to[2] + #vim.fn.matchstr(line_of(bufnr, to[1]):sub(to[2] + 1), '^.') -- the end is behind the last character
    end
  end
  local function at(place)
    local line = line_of(bufnr, place[1])
    return { line = place[1], character = position.column(line, math.min(place[2], #line), encoding) }
  end
  return { start = at(from), ['end'] = at(to) }
end

local function visible(window)
  local first, last = vim.fn.line('w0', window), vim.fn.line('w$', window)
  if last < first then return nil end -- nothing was drawn yet
  return { start = { line = first - 1, character = 0 }, ['end'] = { line = last, character = 0 } }
end

--- Handler of `glossator/editor/state`.
function M.editor_state(_, _, context)
  local client = vim.lsp.get_client_by_id(context.client_id)
  local open = {}
  for _, info in ipairs(vim.fn.getbufinfo({ buflisted = 1 })) do
    if server.is_file(info.bufnr) then open[#open + 1] = vim.uri_from_bufnr(info.bufnr) end
  end
  local state = { open = open }
  local window = windows.main()
  local bufnr = window and vim.api.nvim_win_get_buf(window)
  if client and bufnr and server.is_file(bufnr) then
    state.active = {
      uri = vim.uri_from_bufnr(bufnr),
      selection = selection(window, bufnr, client.offset_encoding),
      visible = visible(window),
    }
  end
  return state
end

--- Handler of `glossator/buffers/save`.
function M.save(_, params)
  local saved = {}
  for _, uri in ipairs(type(params) == 'table' and type(params.uris) == 'table' and params.uris or {}) do
    local bufnr = type(uri) == 'string' and uri:match('^file://') and buffer_of(uri)
    if bufnr then
      local ok = pcall(vim.api.nvim_buf_call, bufnr, function() vim.cmd('silent update') end)
      if ok and not vim.bo[bufnr].modified then saved[#saved + 1] = uri end
    end
  end
  return { saved = saved }
end

local function lsp_position(bufnr, row, byte, encoding)
  if not vim.api.nvim_buf_is_loaded(bufnr) then return { line = row, character = byte } end
  local line = line_of(bufnr, row)
  return { line = row, character = position.column(line, math.min(byte, #line), encoding) }
end

--- A diagnostic of Neovim as LSP has it.
---@param diagnostic vim.Diagnostic
---@param encoding string
---@return table lsp.Diagnostic
function M.to_lsp(diagnostic, encoding)
  local bufnr = diagnostic.bufnr
  return {
    range = {
      start = lsp_position(bufnr, diagnostic.lnum, diagnostic.col, encoding),
      ['end'] = lsp_position(bufnr, diagnostic.end_lnum or diagnostic.lnum, diagnostic.end_col or diagnostic.col, encoding),
    },
    severity = diagnostic.severity, -- the numbers are the same
    code = diagnostic.code,
    source = diagnostic.source,
    message = diagnostic.message,
  }
end

--- Handler of `glossator/diagnostics/read`.
function M.diagnostics(_, params, context)
  local client = vim.lsp.get_client_by_id(context.client_id)
  local wanted = type(params) == 'table' and type(params.uri) == 'string' and params.uri or nil
  local bufnr = wanted and wanted:match('^file://') and buffer_of(wanted)
  if not client or (wanted and not bufnr) then return { documents = {} } end
  local documents, by_buffer = {}, {}
  for _, one in ipairs(vim.diagnostic.get(bufnr or nil)) do
    if one.source ~= 'glossator' and vim.api.nvim_buf_is_valid(one.bufnr) then
      local document = by_buffer[one.bufnr]
      if not document then
        local uri = one.bufnr == bufnr and wanted or vim.uri_from_bufnr(one.bufnr)
        document = { uri = uri, version = vim.lsp.util.buf_versions[one.bufnr], diagnostics = {} }
        by_buffer[one.bufnr] = document
        documents[#documents + 1] = document
      end
      table.insert(document.diagnostics, M.to_lsp(one, client.offset_encoding))
    end
  end
  return { documents = documents }
end

return M
