-- Starts servers, one for each root, joins buffers to them, starts one again that ended by itself. Owns which server is
-- meant by a command; knows no sessions.
local client_of = require('glossator.client')
local documents = require('glossator.documents')
local M = {}

local last_used ---@type integer? client id
local warned = false
local restarting = false
local ends = {} ---@type table<string, integer[]> root -> when its server ended by itself, in seconds
local window, tries = 60, 3 -- a server that ends more often than that within so many seconds is not started again by itself

local function config() return require('glossator').config end

local features = {
  'sessions', 'turns', 'updates', 'approvals', 'undo', 'trust', 'tasks', 'scripts', 'packs', 'save', 'context', 'board', 'cabinet',
  'usage', 'editor', 'steer', 'queue', 'models', 'tools', 'grants', 'auth', 'complete', 'input', 'diagnostics', 'symbols',
}

local function capabilities()
  return vim.tbl_deep_extend('force', vim.lsp.protocol.make_client_capabilities(), {
    workspace = {
      -- Neovim does these but does not say so; transactional is what our own applyEdit handler is.
      workspaceEdit = { documentChanges = true, failureHandling = 'transactional' },
      executeCommand = { dynamicRegistration = false },
    },
    experimental = { glossator = { version = 1, features = features } },
  })
end

-- Handlers are looked up when they are called, so that a module is loaded when it is first needed.
local function late(module, name)
  return function(...) return require('glossator.' .. module)[name](...) end
end

local handlers = {
  ['workspace/applyEdit'] = late('edit', 'handler'),
  ['window/showDocument'] = late('documents', 'show_handler'),
  ['window/showMessage'] = late('client', 'show_message'),
  ['glossator/session/update'] = late('session', 'on_update'),
  ['glossator/approval/ask'] = late('asks', 'approval_handler'),
  ['glossator/input/ask'] = late('asks', 'question_handler'),
  ['glossator/editor/state'] = late('lookups', 'editor_state'),
  ['glossator/buffers/save'] = late('lookups', 'save'),
  ['glossator/diagnostics/read'] = late('lookups', 'diagnostics'),
  ['glossator/symbols/read'] = late('symbols', 'read'),
}

-- Code actions whose commands end here, or whose results are of use here.
local function through(name)
  return function(command, context)
    local client = vim.lsp.get_client_by_id(context.client_id)
    if client then client_of.execute(client, name, command.arguments) end
  end
end

local commands = {
  ['glossator.edit'] = function(command) require('glossator.prompting').edit_action(command.arguments or {}) end,
  ['glossator.fork'] = through('fork'),
  ['glossator.forkHere'] = through('forkHere'),
  ['glossator.resume'] = through('resume'),
}

local function ended(root, client_id, code, signal)
  require('glossator.asks').forget(client_id)
  require('glossator.session').forget(client_id)
  local stopped = signal == 0 or signal == 15 -- what Neovim itself sends to stop a server
  if (code == 0 and stopped) or vim.v.exiting ~= vim.NIL then return end
  local how = stopped and ('code %d'):format(code) or ('signal %d'):format(signal)
  local now = os.time()
  local recent = vim.tbl_filter(function(at) return now - at < window end, ends[root] or {})
  table.insert(recent, now)
  ends[root] = recent
  if config().restart and #recent <= tries then
    client_of.notify(('the server ended with %s; it is started again'):format(how), vim.log.levels.WARN)
    return vim.defer_fn(function() M.start_again(root) end, 200)
  end
  local log = require('vim.lsp.log').get_filename()
  local words = 'the server ended with %s; see %s. :Glossator restart or a file that is opened starts it again.'
  client_of.notify(words:format(how, log), vim.log.levels.ERROR)
end

local function lsp_config(roots)
  local root = roots[1]
  local settings = config().settings
  return {
    name = 'glossator',
    cmd = config().cmd,
    cmd_cwd = root,
    root_dir = root,
    workspace_folders = vim.tbl_map(function(path) return { uri = vim.uri_from_fname(path), name = path } end, roots),
    init_options = next(settings) and settings or vim.empty_dict(),
    capabilities = capabilities(),
    flags = { debounce_text_changes = 25 },
    handlers = handlers,
    commands = commands,
    on_init = function(client)
      require('glossator.session').rejoin(client, root)
      require('glossator.signin').look(client)
    end,
    on_exit = function(code, signal, client_id)
      vim.schedule(function() ended(root, client_id, code, signal) end)
    end,
  }
end

-- The folders that a buffer's server works in; the first one names it.
local function roots_of(bufnr)
  local wanted = config().root
  if type(wanted) == 'function' then wanted = wanted(bufnr) end
  if type(wanted) == 'string' then wanted = { wanted } end
  if type(wanted) ~= 'table' or #wanted == 0 then wanted = { vim.fs.root(bufnr, '.git') or vim.fn.getcwd() } end
  return vim.tbl_map(vim.fs.normalize, wanted)
end

--- Whether a buffer shows a normal file.
---@param bufnr integer
---@return boolean
function M.is_file(bufnr)
  if not vim.api.nvim_buf_is_valid(bufnr) or vim.bo[bufnr].buftype ~= '' then return false end
  local name = vim.api.nvim_buf_get_name(bufnr)
  return name ~= '' and not name:match('^%a[%w+.-]+://')
end

local function executable()
  local program = config().cmd[1]
  if type(program) ~= 'string' or vim.fn.executable(program) == 1 then return true end
  if not warned then
    warned = true
    local words = "cannot run '%s'. Put it on the PATH or name it in setup { cmd = ... }; :checkhealth glossator tells more."
    client_of.notify(words:format(program), vim.log.levels.ERROR)
  end
  return false
end

local function client_of_root(root)
  return vim.iter(vim.lsp.get_clients({ name = 'glossator' })):find(function(client) return client.config.root_dir == root end)
end

-- A document of a server belongs to it, wherever it lies; after a restart to the one that took its place.
local function attach_document(bufnr)
  local owner = documents.root(bufnr)
  if not owner then return end
  local client = client_of_root(owner) or last_used and vim.lsp.get_client_by_id(last_used)
  if not client or not vim.lsp.buf_attach_client(bufnr, client.id) then return end
  require('glossator.follow').follow(bufnr)
  return client.id
end

-- The server that has taken in the folder of a file (`:Glossator folder`).
local function taker(path)
  for _, client in ipairs(vim.lsp.get_clients({ name = 'glossator' })) do
    for index, folder in ipairs(client.workspace_folders or {}) do
      local inside = path == folder.name or vim.startswith(path, folder.name .. '/')
      if index > 1 and inside then return client end
    end
  end
end

--- Starts the server for a buffer, or joins the one of its root. Nothing happens for buffers that are not files.
---@param bufnr integer
---@return integer? client id
function M.attach(bufnr)
  if documents.is_ours(bufnr) then return attach_document(bufnr) end
  if not M.is_file(bufnr) then return end
  local wanted = config().filetypes
  if wanted and not vim.list_contains(wanted, vim.bo[bufnr].filetype) then return end
  local other = taker(vim.api.nvim_buf_get_name(bufnr))
  local id
  if other then
    id = vim.lsp.buf_attach_client(bufnr, other.id) and other.id or nil
  elseif executable() then
    id = vim.lsp.start(lsp_config(roots_of(bufnr)), { bufnr = bufnr })
  end
  if id then require('glossator.follow').follow(bufnr) end
  return id
end

-- A server without a buffer, for a question asked from an empty window.
local function start_alone(root)
  if not executable() then return end
  local wanted = lsp_config(root and { root } or roots_of(vim.api.nvim_get_current_buf()))
  if vim.fn.has('nvim-0.11') == 1 then return vim.lsp.start(wanted, { attach = false }) end
  return vim.lsp.start_client(wanted)
end

--- Starts the server of a root again, for all buffers that it had.
---@param root string
function M.start_again(root)
  local found
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    local is_its = vim.api.nvim_buf_is_loaded(bufnr) and M.is_file(bufnr) and not documents.is_ours(bufnr) and roots_of(bufnr)[1] == root
    if is_its then found = M.attach(bufnr) or found end
  end
  found = found or start_alone(root)
  if not found then return end
  last_used = found
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(bufnr) and documents.root(bufnr) == root then attach_document(bufnr) end
  end
end

local function pick(bufnr)
  local here = vim.lsp.get_clients({ name = 'glossator', bufnr = bufnr })[1]
  if here then return here.id end
  local running = last_used and vim.lsp.get_client_by_id(last_used)
  if running and not M.is_file(bufnr) then return running.id end
  return M.attach(bufnr) or (vim.lsp.get_clients({ name = 'glossator' })[1] or {}).id or start_alone(documents.root(bufnr))
end

--- The client that answers for the current buffer, if one runs.
---@return integer? client id
function M.current()
  local here = vim.lsp.get_clients({ name = 'glossator', bufnr = vim.api.nvim_get_current_buf() })[1]
  if here then return here.id end
  return last_used and vim.lsp.get_client_by_id(last_used) and last_used or nil
end

--- Calls `with(client)` for the current buffer's server as soon as it is ready; starts it if need be.
---@param with fun(client: vim.lsp.Client)
function M.ready(with)
  if restarting then
    vim.defer_fn(function() M.ready(with) end, 50)
    return
  end
  local id = pick(vim.api.nvim_get_current_buf())
  if not id then
    return client_of.notify('no server could be started; see :checkhealth glossator', vim.log.levels.ERROR)
  end
  last_used = id
  local waited = 0
  local function try()
    local client = vim.lsp.get_client_by_id(id)
    if client and client.initialized then return with(client) end
    waited = waited + 1
    if waited > 500 or not client then
      return client_of.notify('the server does not answer; see :checkhealth glossator', vim.log.levels.ERROR)
    end
    vim.defer_fn(try, 20)
  end
  try()
end

--- Ends every server and starts them again for the buffers that they had.
function M.restart()
  local roots = {}
  for _, client in ipairs(vim.lsp.get_clients({ name = 'glossator' })) do
    roots[client.config.root_dir] = true
    client_of.call(client, 'stop')
  end
  ends = {}
  if next(roots) == nil then return M.ready(function() client_of.notify('the server runs') end) end
  restarting = true
  local waited = 0
  local function again()
    waited = waited + 1
    local gone = #vim.lsp.get_clients({ name = 'glossator', _uninitialized = true }) == 0
    if not gone and waited < 100 then return vim.defer_fn(again, 50) end
    restarting = false
    for root in pairs(roots) do M.start_again(root) end
  end
  vim.defer_fn(again, 50)
end

--- Lets the current server work in another folder, too. Files there join it.
---@param path string
function M.add_folder(path)
  local folder = vim.fs.normalize(vim.fn.fnamemodify(path, ':p')):gsub('(.)/$', '%1')
  if vim.fn.isdirectory(folder) == 0 then
    return client_of.notify(("there is no folder '%s'"):format(path), vim.log.levels.WARN)
  end
  M.ready(function(client)
    local here = { uri = vim.uri_from_fname(folder), name = folder }
    client.workspace_folders = client.workspace_folders or {}
    if vim.iter(client.workspace_folders):any(function(one) return one.uri == here.uri end) then
      return client_of.notify(folder .. ' is a folder of this server already')
    end
    table.insert(client.workspace_folders, here)
    client_of.call(client, 'notify', 'workspace/didChangeWorkspaceFolders', { event = { added = { here }, removed = {} } })
    client_of.notify(('works in %s too'):format(vim.fn.fnamemodify(folder, ':~')))
  end)
end

return M
