-- The face of the plugin: `setup`, and what status lines show.
local M = {}

---@class glossator.Config
---@field cmd string[] how the server is started
---@field settings table sent as `initializationOptions`; the same keys as settings.toml
---@field filetypes? string[] only these; every normal file buffer when absent
---@field root? string|string[]|fun(bufnr: integer): string|string[]|nil folders of a buffer's server; absent: that with `.git`
---@field ask_delay integer milliseconds without a key before a question may open
---@field ask_focus boolean whether a question takes the focus when it opens
---@field completion 'auto'|boolean whether the menu opens by itself in the prompt; `auto`: unless a completion plugin does it
---@field restart boolean whether a server that ended by itself is started again
---@field keys boolean|table<string, string|false> default keys; see keys.lua
---@field chat { position: string, size: number, prompt_height: integer, open_on_ask: boolean }
---@field review { signs: boolean, lines: boolean, before: boolean }
M.config = {
  cmd = { 'glossator', 'lsp' },
  settings = {},
  filetypes = nil,
  root = nil,
  ask_delay = 2000,
  ask_focus = false,
  completion = 'auto',
  restart = true,
  keys = true,
  chat = { position = 'right', size = 0.4, prompt_height = 8, open_on_ask = true },
  review = { signs = true, lines = true, before = true },
}

-- Keys that an option may have; a misspelt one would otherwise be ignored in silence.
local function unknown(options, known, prefix, found)
  for name, value in pairs(options) do
    local is_free = name == 'settings' or name == 'keys'
    if known[name] == nil and not vim.list_contains({ 'filetypes', 'root' }, name) then
      found[#found + 1] = prefix .. tostring(name)
    elseif type(value) == 'table' and type(known[name]) == 'table' and not vim.islist(known[name]) and not is_free then
      unknown(value, known[name], prefix .. name .. '.', found)
    end
  end
  return found
end

--- Starts the server for every normal file buffer, open ones included.
---@param options? table fields of glossator.Config to set otherwise
function M.setup(options)
  options = options or {}
  local odd = unknown(options, M.config, '', {})
  if #odd > 0 then
    table.sort(odd)
    require('glossator.client').notify(('setup does not know %s; see :help glossator-setup'):format(table.concat(odd, ', ')), vim.log.levels.WARN)
  end
  M.config = vim.tbl_deep_extend('force', M.config, options)
  local server = require('glossator.server')
  local group = vim.api.nvim_create_augroup('glossator', { clear = true })
  -- BufWinEnter as well: a file without a known type has no FileType event.
  vim.api.nvim_create_autocmd({ 'FileType', 'BufWinEnter' }, {
    group = group,
    callback = function(event) server.attach(event.buf) end,
  })
  vim.api.nvim_create_autocmd('LspAttach', {
    group = group,
    callback = function(event)
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      require('glossator.follow').opened(event.buf, client ~= nil and client.name == 'glossator')
    end,
  })
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(bufnr) then server.attach(bufnr) end
  end
  require('glossator.asks').watch_keys()
  require('glossator.review').watch()
  -- Keys that the user maps after this call are the user's, too.
  vim.schedule(function() require('glossator.keys').set(M.config.keys) end)
end

local function counted(list, count, one, many)
  if count > 0 then list[#list + 1] = count == 1 and '1 ' .. one or ('%d %s'):format(count, many) end
end

local function spent(session)
  local usage = session.usage
  if not usage then return end
  local input = (usage.input or 0) + (usage.cacheRead or 0) + (usage.cacheWrite or 0)
  local words = ('%d in, %d out'):format(input, usage.output or 0)
  local cost = session.cost and session.cost.microUsd
  return cost and ('%s, $%.2f'):format(words, cost / 1e6) or words
end

--- For 'statusline': empty without a session, else e.g. `Glossator T-3 running, 1 question, 2 tasks, 3 hunks`; `waits 8 s`
--- in place of `running` where the model is asked again by then.
---@return string
function M.statusline()
  local session_of = require('glossator.session')
  local session = session_of.visible()
  if not session then return '' end
  local doing = session.retries_at and session_of.doing(session) or 'running'
  local parts = { session.running and ('Glossator %s %s'):format(session.running, doing) or 'Glossator' }
  counted(parts, math.max(vim.tbl_count(session.asks), require('glossator.asks').count()), 'question', 'questions')
  counted(parts, vim.tbl_count(session.tasks), 'task', 'tasks')
  counted(parts, session.queued, 'queued', 'queued')
  counted(parts, require('glossator.review').count(), 'hunk', 'hunks')
  parts[#parts + 1] = spent(session)
  return table.concat(parts, ', ')
end

--- For the head of the chat: title, model, and what runs.
---@return string
function M.winbar()
  local document = require('glossator.documents').get(vim.api.nvim_win_get_buf(vim.g.statusline_winid or 0))
  local session = document and document.session and require('glossator.session').find(document.session)
  if not session then return 'Glossator' end
  local parts = {}
  if session.settings and session.settings.model then parts[#parts + 1] = session.settings.model end
  parts[#parts + 1] = session.running and ('%s %s'):format(session.running, require('glossator.session').doing(session) or 'runs') or session.ended
  counted(parts, session.queued, 'queued', 'queued')
  local rest = #parts > 0 and ' · ' .. table.concat(parts, ' · ') or ''
  local title = session.title and session.title ~= '' and session.title:gsub('%s+', ' ') or 'Glossator'
  local room = math.max(12, vim.api.nvim_win_get_width(vim.g.statusline_winid or 0) - vim.fn.strdisplaywidth(rest))
  if vim.fn.strdisplaywidth(title) > room then title = vim.fn.strcharpart(title, 0, room - 1) .. '…' end
  return title .. rest
end

return M
