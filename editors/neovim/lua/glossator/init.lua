-- The face of the plugin: `setup` and `statusline`.
local M = {}

---@class glossator.Config
---@field cmd string[] how the server is started
---@field settings table sent as `initializationOptions`; the same keys as settings.toml
---@field filetypes? string[] only these; every normal file buffer when absent
---@field ask_delay integer milliseconds without a key before a question may open
M.config = {
  cmd = { 'glossator', 'lsp' },
  settings = {},
  filetypes = nil,
  ask_delay = 2000,
}

--- Starts the server for every normal file buffer, open ones included.
---@param options? table fields of glossator.Config to set otherwise
function M.setup(options)
  M.config = vim.tbl_extend('force', M.config, options or {})
  local client = require('glossator.client')
  local group = vim.api.nvim_create_augroup('glossator', { clear = true })
  -- BufWinEnter as well: a file without a known type has no FileType event.
  vim.api.nvim_create_autocmd({ 'FileType', 'BufWinEnter' }, {
    group = group,
    callback = function(event) client.attach(event.buf) end,
  })
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(bufnr) then client.attach(bufnr) end
  end
  require('glossator.approval').watch_keys()
end

--- For 'statusline': empty without a session, else e.g. `Glossator T-3 running, 1 question, 2 tasks`.
---@return string
function M.statusline()
  local session = require('glossator.session').visible()
  if not session then return '' end
  local parts = { session.running and ('Glossator %s running'):format(session.running) or 'Glossator' }
  local asks = vim.tbl_count(session.asks)
  if asks > 0 then parts[#parts + 1] = asks == 1 and '1 question' or asks .. ' questions' end
  local tasks = vim.tbl_count(session.tasks)
  if tasks > 0 then parts[#parts + 1] = tasks == 1 and '1 task' or tasks .. ' tasks' end
  local usage = session.usage
  if usage then
    local input = (usage.input or 0) + (usage.cacheRead or 0) + (usage.cacheWrite or 0)
    parts[#parts + 1] = ('%d in, %d out'):format(input, usage.output or 0)
  end
  return table.concat(parts, ', ')
end

return M
