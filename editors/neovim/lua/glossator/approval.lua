-- Questions of the agent: queued, shown one at a time with all that is needed to decide, answered exactly once.
-- A dialog opens only when the user is not typing; a dismissed dialog is no answer.
local client_of = require('glossator.client')
local M = {}

---@class glossator.Pending
---@field ask table
---@field client_id integer
---@field session_id string
---@field answered boolean
---@field dismissed boolean
---@field announced? boolean whether it stands in the chat
---@field reply fun(answer: table)

local queue = {} ---@type glossator.Pending[] unanswered, oldest first
local showing ---@type glossator.Pending?
local float ---@type integer? window
local last_key = 0

local labels = {
  once = 'Allow once',
  session = 'Allow for this session',
  exact = 'Always allow exactly this',
  prefix = 'Always allow commands that begin like this',
  directory = 'Always allow this program in this folder',
  always = 'Always allow this kind of action',
}

--- Notes when a key was last typed, so that no dialog opens under the user's fingers.
function M.watch_keys()
  vim.on_key(function() last_key = vim.uv.now() end, vim.api.nvim_create_namespace('glossator.keys'))
end

local function typing()
  local mode = vim.api.nvim_get_mode()
  if mode.blocking or not mode.mode:match('^n$') then return true end
  return last_key > 0 and vim.uv.now() - last_key < require('glossator').config.ask_delay
end

-- What the question is about, as lines and their file type.
local function subject(ask)
  local about = ask.subject or {}
  if about.kind == 'command' then
    return vim.split(('$ %s\n# in %s'):format(about.command or '?', about.cwd or '?'), '\n', { plain = true }), 'sh'
  elseif about.kind == 'edit' then
    return vim.split(vim.trim(about.diff or ''), '\n', { plain = true }), 'diff'
  elseif about.kind == 'script' then
    return vim.split(vim.trim(about.source or ''), '\n', { plain = true }), 'typescript'
  elseif about.kind == 'read' then
    return { 'read ' .. (about.path or '?') }, 'text'
  end
  return vim.split(vim.inspect(about), '\n', { plain = true }), 'lua'
end

local function close_float()
  if float and vim.api.nvim_win_is_valid(float) then vim.api.nvim_win_close(float, true) end
  float = nil
end

local function open_float(pending)
  close_float()
  local lines, filetype = subject(pending.ask)
  local bufnr = vim.api.nvim_create_buf(false, true)
  vim.bo[bufnr].bufhidden = 'wipe'
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, lines)
  vim.bo[bufnr].filetype = filetype
  local width = math.min(100, vim.o.columns - 4)
  local height = math.max(1, math.min(#lines, vim.o.lines - 8))
  local title = #lines > height and (' %d of %d lines, all of it in :Glossator chat '):format(height, #lines) or ' Glossator asks '
  float = vim.api.nvim_open_win(bufnr, false, {
    relative = 'editor', anchor = 'NE', row = 1, col = vim.o.columns - 1,
    width = math.max(10, width), height = height,
    style = 'minimal', border = 'rounded', title = title, focusable = true, noautocmd = true,
  })
end

local pump

local function answer(pending, decision)
  if pending.answered then
    client_of.notify('this question was answered already')
    return
  end
  pending.answered = true
  queue = vim.tbl_filter(function(other) return other ~= pending end, queue)
  if showing == pending then
    showing = nil
    close_float()
  end
  pending.reply(decision)
  vim.schedule(pump)
end

local function ask_reason(pending)
  vim.ui.input({ prompt = 'Why not? The model is told: ' }, function(reason)
    if reason == nil then
      pending.dismissed = true
      if showing == pending then
        showing = nil
        close_float()
      end
      return pump()
    end
    answer(pending, { decision = 'deny', grant = 'once', message = reason ~= '' and reason or nil })
  end)
end

local function choices(ask)
  local list = {}
  local grants = type(ask.grants) == 'table' and #ask.grants > 0 and ask.grants or { 'once' }
  for _, grant in ipairs(grants) do
    list[#list + 1] = { label = labels[grant] or ('Allow (%s)'):format(grant), answer = { decision = 'allow', grant = grant } }
  end
  list[#list + 1] = { label = 'Deny', answer = { decision = 'deny', grant = 'once' } }
  list[#list + 1] = { label = 'Deny and say why...', reason = true }
  return list
end

local function show(pending)
  showing = pending
  open_float(pending)
  vim.cmd.redraw()
  local ask = pending.ask
  local prompt = ('Glossator: %s%s'):format(ask.title or 'May it go on?', ask.reason and (' (%s)'):format(ask.reason) or '')
  vim.ui.select(choices(ask), { prompt = prompt, kind = 'glossator', format_item = function(choice) return choice.label end }, function(choice)
    if choice and choice.reason and not pending.answered then return ask_reason(pending) end
    if choice then return answer(pending, choice.answer) end
    if pending.answered then return end
    pending.dismissed = true
    if showing == pending then
      showing = nil
      close_float()
    end
    client_of.notify('the question waits: answer with :Glossator approve or :Glossator deny')
    pump()
  end)
end

pump = function()
  if showing then return end
  local nextone = vim.iter(queue):find(function(pending) return not pending.dismissed end)
  if not nextone then return end
  if not typing() then return show(nextone) end
  vim.defer_fn(pump, 250)
end

local function announce(pending)
  pending.announced = true
  local session = { id = pending.session_id }
  local lines, filetype = subject(pending.ask)
  local chat = require('glossator.chat')
  chat.block(session, ('**%s** %s'):format(pending.ask.title or 'Question', pending.ask.reason or ''))
  chat.block(session, ('````%s\n%s\n````'):format(filetype, table.concat(lines, '\n')))
  chat.line(session, '')
  if typing() then client_of.notify(('%s (:Glossator approve or :Glossator deny)'):format(pending.ask.title or 'a question')) end
end

--- The chat of a session was written anew: its open questions belong there, too.
---@param session_id string
function M.announce_again(session_id)
  for _, pending in ipairs(queue) do
    if pending.session_id == session_id and pending.announced then announce(pending) end
  end
end

--- Handler of `glossator/approval/ask`: waits, without holding up anything else, until there is an answer.
function M.handler(_, params, context)
  if type(params) ~= 'table' or type(params.ask) ~= 'table' then
    return nil, vim.lsp.rpc_response_error(vim.lsp.protocol.ErrorCodes.InvalidParams, 'the request holds no ask')
  end
  local thread = coroutine.running()
  local pending = {
    ask = params.ask, client_id = context.client_id, session_id = params.sessionId or '?',
    answered = false, dismissed = false,
    reply = function(decision)
      local ok, why = coroutine.resume(thread, decision)
      if not ok then client_of.notify('the answer could not be sent: ' .. tostring(why), vim.log.levels.ERROR) end
    end,
  }
  queue[#queue + 1] = pending
  vim.schedule(function()
    announce(pending)
    pump()
  end)
  return coroutine.yield()
end

--- The question was answered elsewhere, here too the same answer holds.
---@param id string ask id
---@param decision table
function M.resolved(id, decision)
  for _, pending in ipairs(queue) do
    if pending.ask.id == id then return answer(pending, decision) end
  end
end

--- A turn ended: nobody waits for its questions any more, but for those of tasks that go on.
---@param session_id string
---@param tasks table<string, any> by id
function M.turn_ended(session_id, tasks)
  for _, pending in ipairs(vim.list_slice(queue)) do
    if pending.session_id == session_id and not tasks[pending.ask.call or ''] then answer(pending, { decision = 'deny', grant = 'once' }) end
  end
end

--- The server is gone: its questions are dropped.
---@param client_id integer
function M.forget(client_id)
  for _, pending in ipairs(vim.list_slice(queue)) do
    if pending.client_id == client_id then
      pending.reply = function() end
      answer(pending, {})
    end
  end
end

-- A grant that was not offered must not spend the one answer.
local function give(pending, decision)
  local offered = pending.ask.grants or { 'once' }
  if decision.decision == 'allow' and not vim.list_contains(offered, decision.grant) then
    client_of.notify(("'%s' is not offered here; there is: %s"):format(decision.grant, table.concat(offered, ', ')), vim.log.levels.WARN)
    return
  end
  answer(pending, decision)
end

--- Gives `decision` to the only open question, or lets the user pick one of several.
---@param decision table
---@return boolean whether there was a question
function M.decide(decision)
  if #queue == 0 then return false end
  if #queue == 1 then
    give(queue[1], decision)
    return true
  end
  local prompt = decision.decision == 'allow' and 'Allow which?' or 'Deny which?'
  local function title(pending) return pending.ask.title or pending.ask.id end
  vim.ui.select(queue, { prompt = prompt, format_item = title }, function(pending)
    if pending then give(pending, decision) end
  end)
  return true
end

return M
