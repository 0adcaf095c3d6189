-- Starts the server and speaks to it. Owns the differences between Neovim 0.10 and later; knows no sessions.
local M = {}

local methods_on_object = vim.fn.has('nvim-0.11') == 1
local last_used ---@type integer? client id
local warned = false

local function config() return require('glossator').config end

--- An error, a warning or a word for the user.
---@param text string
---@param level? integer vim.log.levels
function M.notify(text, level) vim.notify('Glossator: ' .. text, level or vim.log.levels.INFO) end

local function capabilities()
  return vim.tbl_deep_extend('force', vim.lsp.protocol.make_client_capabilities(), {
    workspace = {
      -- Neovim does these but does not say so; transactional is what our own applyEdit handler is.
      workspaceEdit = { documentChanges = true, failureHandling = 'transactional' },
      executeCommand = { dynamicRegistration = false },
    },
    experimental = {
      glossator = { version = 1, features = { 'sessions', 'turns', 'updates', 'approvals', 'undo', 'trust', 'tasks' } },
    },
  })
end

local function lsp_config(root)
  return {
    name = 'glossator',
    cmd = config().cmd,
    cmd_cwd = root,
    root_dir = root,
    workspace_folders = { { uri = vim.uri_from_fname(root), name = root } },
    init_options = next(config().settings) and config().settings or vim.empty_dict(),
    capabilities = capabilities(),
    flags = { debounce_text_changes = 25 },
    handlers = {
      ['workspace/applyEdit'] = function(...) return require('glossator.edit').handler(...) end,
      ['glossator/session/update'] = function(...) return require('glossator.session').on_update(...) end,
      ['glossator/approval/ask'] = function(...) return require('glossator.approval').handler(...) end,
    },
    commands = {
      ['glossator.edit'] = function(command) require('glossator.command').edit_action(command.arguments or {}) end,
    },
    on_init = function(client) require('glossator.session').rejoin(client, root) end,
    on_exit = function(code, signal, client_id)
      vim.schedule(function()
        require('glossator.approval').forget(client_id)
        require('glossator.session').forget(client_id)
        local stopped = signal == 0 or signal == 15 -- what Neovim itself sends to stop a server
        if (code ~= 0 or not stopped) and vim.v.exiting == vim.NIL then
          local log = require('vim.lsp.log').get_filename()
          local how = stopped and ('code %d'):format(code) or ('signal %d'):format(signal)
          M.notify(('the server ended with %s; see %s. Any :Glossator command or a file that is opened starts it again.'):format(how, log), vim.log.levels.ERROR)
        end
      end)
    end,
  }
end

local function root_of(bufnr) return vim.fs.root(bufnr, '.git') or vim.fn.getcwd() end

local function is_file(bufnr)
  if not vim.api.nvim_buf_is_valid(bufnr) or vim.bo[bufnr].buftype ~= '' then return false end
  local name = vim.api.nvim_buf_get_name(bufnr)
  return name ~= '' and not name:match('^%a[%w+.-]+://')
end

local function executable()
  local program = config().cmd[1]
  if type(program) ~= 'string' or vim.fn.executable(program) == 1 then return true end
  if not warned then
    warned = true
    M.notify(("cannot run '%s'. Put it on the PATH or name it in setup { cmd = ... }."):format(program), vim.log.levels.ERROR)
  end
  return false
end

--- Whether a buffer shows the hunks of a turn.
---@param bufnr integer
---@return boolean
function M.is_review(bufnr) return vim.api.nvim_buf_get_name(bufnr):match('/sessions/[^/]+/T%-%d+%.diff$') ~= nil end

-- A review document belongs to the server that wrote it, wherever it lies.
local function attach_review(bufnr)
  local client = last_used and vim.lsp.get_client_by_id(last_used)
  if not client or not M.is_review(bufnr) then return end
  return vim.lsp.buf_attach_client(bufnr, client.id) and client.id or nil
end

--- Starts the server for a buffer, or joins the one of its root. Nothing happens for buffers that are not files.
---@param bufnr integer
---@return integer? client id
function M.attach(bufnr)
  if not is_file(bufnr) then return end
  local review = attach_review(bufnr)
  if review then return review end
  local wanted = config().filetypes
  if wanted and not vim.list_contains(wanted, vim.bo[bufnr].filetype) then return end
  if not executable() then return end
  local id = vim.lsp.start(lsp_config(root_of(bufnr)), { bufnr = bufnr })
  if id then require('glossator.follow').follow(bufnr) end
  return id
end

-- A server without a buffer, for a question asked from an empty window.
local function start_alone()
  if not executable() then return end
  local wanted = lsp_config(vim.fn.getcwd())
  if methods_on_object then return vim.lsp.start(wanted, { attach = false }) end
  return vim.lsp.start_client(wanted)
end

local function pick(bufnr)
  local here = vim.lsp.get_clients({ name = 'glossator', bufnr = bufnr })[1]
  if here then return here.id end
  local running = last_used and vim.lsp.get_client_by_id(last_used)
  if running and not is_file(bufnr) then return running.id end
  return M.attach(bufnr) or (vim.lsp.get_clients({ name = 'glossator' })[1] or {}).id or start_alone()
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
  local id = pick(vim.api.nvim_get_current_buf())
  if not id then
    M.notify('no server could be started', vim.log.levels.ERROR)
    return
  end
  last_used = id
  local tries = 0
  local function try()
    local client = vim.lsp.get_client_by_id(id)
    if client and client.initialized then return with(client) end
    tries = tries + 1
    if tries > 500 or not client then
      M.notify('the server does not answer', vim.log.levels.ERROR)
      return
    end
    vim.defer_fn(try, 20)
  end
  try()
end

--- Sends what was typed and still waits for Neovim's debounce. Without this private call it only goes out 25 ms later.
---@param client vim.lsp.Client
function M.flush(client)
  pcall(function() require('vim.lsp._changetracking').flush(client) end)
end

--- A request; an error is shown or goes to `failed`, a result goes to `done`.
---@param client vim.lsp.Client
---@param method string
---@param params table
---@param done? fun(result: any)
---@param failed? fun()
function M.request(client, method, params, done, failed)
  M.flush(client)
  local function handler(err, result)
    if err and failed then
      failed()
    elseif err then
      M.notify(err.message or vim.inspect(err), vim.log.levels.ERROR)
    elseif done then
      done(result)
    end
  end
  if next(params) == nil then params = vim.empty_dict() end
  if methods_on_object then
    client:request(method, params, handler)
  else
    client.request(method, params, handler)
  end
end

--- Runs a command of the server; a text it answers with is shown.
---@param client vim.lsp.Client
---@param command string
---@param arguments? any[]
function M.execute(client, command, arguments)
  M.request(client, 'workspace/executeCommand', { command = command, arguments = arguments or {} }, function(result)
    if type(result) == 'string' and result ~= '' then M.notify(result) end
  end)
end

return M
