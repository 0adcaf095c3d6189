-- Speaks to a running server: requests, commands, words for the user. Owns the differences between Neovim 0.10 and later;
-- starts nothing and knows no sessions.
local M = {}

--- What is done with the result of a command, by its name without `glossator.`; others add to it.
M.after = {} ---@type table<string, fun(client: vim.lsp.Client, result: any)>

local methods_on_object = vim.fn.has('nvim-0.11') == 1

--- An error, a warning or a word for the user.
---@param text string
---@param level? integer vim.log.levels
function M.notify(text, level) require('glossator.messages').say(text, level) end

--- Handler of `window/showMessage`: says who speaks once, as all our words do.
function M.show_message(_, params)
  if type(params) ~= 'table' or type(params.message) ~= 'string' then return end
  local levels = { vim.log.levels.ERROR, vim.log.levels.WARN, vim.log.levels.INFO, vim.log.levels.INFO }
  M.notify((params.message:gsub('^Glossator:? ', '')), levels[params.type])
end

--- Why no turn could begin, with what helps in this editor.
---@param data table what the server says of it
---@param message string its words for every editor
---@return string
function M.refusal(data, message)
  if type(data.message) ~= 'string' then return message end
  local login = (':Glossator login%s stores a key'):format(type(data.provider) == 'string' and ' ' .. data.provider or '')
  return ('%s %s, :Glossator model picks a model.'):format(data.message, login)
end

--- Calls a method of a client.
---@param client vim.lsp.Client
---@param name string
---@return any ...
function M.call(client, name, ...)
  if methods_on_object then return client[name](client, ...) end
  return client[name](...)
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
---@param failed? fun(message: string, data: any)
function M.request(client, method, params, done, failed)
  M.flush(client)
  local function handler(err, result)
    if not err then
      if done then done(result) end
      return
    end
    local message = type(err) == 'table' and err.message or tostring(err)
    local data = type(err) == 'table' and err.data or nil
    if failed then return failed(message, data) end
    if type(data) == 'table' and data.signIn then return M.notify(M.refusal(data, message), vim.log.levels.ERROR) end
    M.notify(message, vim.log.levels.ERROR)
  end
  if next(params) == nil then params = vim.empty_dict() end
  M.call(client, 'request', method, params, handler)
end

--- Runs a command of the server; a text it answers with is shown.
---@param client vim.lsp.Client
---@param command string without `glossator.`
---@param arguments? any[]
---@param done? fun(result: any)
function M.execute(client, command, arguments, done)
  local params = { command = 'glossator.' .. command, arguments = arguments or {} }
  M.request(client, 'workspace/executeCommand', params, function(result)
    if type(result) == 'string' and result ~= '' then M.notify(result) end
    if M.after[command] then M.after[command](client, result) end
    if done then done(result) end
  end)
end

return M
