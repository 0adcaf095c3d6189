-- What the agent waits for the user to say: approvals and questions, queued, shown one at a time, each answered exactly once.
-- Nothing opens while the user types, nothing takes the focus, and what is closed without an answer waits on.
local client_of = require('glossator.client')
local M = {}

---@class glossator.Pending
---@field id string
---@field ask? table an approval
---@field question? string a question, with `options`
---@field options? string[]
---@field client_id integer
---@field session_id string
---@field answered boolean
---@field dismissed boolean
---@field announced? boolean whether it was told of because the user was typing
---@field reply fun(answer: table)

local queue = {} ---@type glossator.Pending[] unanswered, oldest first
local showing ---@type glossator.Pending?
local last_key = 0
local waits = false -- whether a look at the keyboard is under way

local labels = {
  once = 'Allow once',
  session = 'Allow for this session',
  exact = 'Always allow exactly this here',
}

local function config() return require('glossator').config end
local function float() return require('glossator.float') end

--- Notes when a key was last typed, so that nothing opens under the user's fingers.
function M.watch_keys()
  vim.on_key(function() last_key = vim.uv.now() end, vim.api.nvim_create_namespace('glossator.keys'))
end

local function typing()
  local mode = vim.api.nvim_get_mode()
  if mode.blocking or mode.mode ~= 'n' or vim.fn.getcmdwintype() ~= '' then return true end
  return last_key > 0 and vim.uv.now() - last_key < config().ask_delay
end

--- One line that says what is asked.
---@param pending glossator.Pending
---@return string
function M.title(pending)
  return ((pending.question or (pending.ask or {}).title or 'May it go on?'):gsub('%s+', ' '))
end

local function label(grant, ask)
  if grant ~= 'prefix' then return labels[grant] or ('Allow (%s)'):format(grant) end
  local begins = vim.tbl_get(ask, 'subject', 'begins')
  return begins and ("Always allow what begins with '%s' here"):format(begins) or 'Always allow what begins like this here'
end

--- The grants that may be given, with what they are called.
---@param ask table
---@return { grant: string, label: string }[]
function M.grants(ask)
  local grants = type(ask.grants) == 'table' and #ask.grants > 0 and ask.grants or { 'once' }
  return vim.tbl_map(function(grant) return { grant = grant, label = label(grant, ask) } end, grants)
end

--- How many questions wait.
---@return integer
function M.count() return #queue end

--- Which of them a question is, from 1.
---@param pending glossator.Pending
---@return integer
function M.place(pending)
  for index, other in ipairs(queue) do
    if other == pending then return index end
  end
  return 1
end

local pump

-- `by_itself`: the user did not ask for it, so that keys which are on their way were meant for something else.
local function show(pending, focus, by_itself)
  showing = pending
  float().open(pending, focus, focus and by_itself)
end

--- The window of a question was closed: it waits on.
---@param pending glossator.Pending
function M.dismiss(pending)
  if pending.answered then return end
  pending.dismissed = true
  if showing == pending then showing = nil end
  client_of.notify('the question waits: :Glossator answer shows it again')
  vim.schedule(pump)
end

--- Answers a question; the next one is shown, with the focus if this one had it.
---@param pending glossator.Pending
---@param answer table
---@param withdrawn? boolean nobody here has answered it
function M.answer(pending, answer, withdrawn)
  if pending.answered then return client_of.notify('this question was answered already') end
  pending.answered = true
  queue = vim.tbl_filter(function(other) return other ~= pending end, queue)
  local had_focus = false
  if showing == pending then
    showing = nil
    had_focus = not withdrawn and float().close()
    if withdrawn then float().fade() end
  end
  pending.reply(answer)
  float().renumber()
  local following = had_focus and vim.iter(queue):find(function(other) return not other.dismissed end)
  if following then return show(following, true, true) end
  vim.schedule(pump)
end

--- Asks for the reason of a refusal, which the model is told. Without one the question waits on.
---@param pending glossator.Pending
function M.deny_with_reason(pending)
  vim.ui.input({ prompt = 'Why not? The model is told: ' }, function(reason)
    if reason == nil or pending.answered then return end
    M.answer(pending, { decision = 'deny', grant = 'once', message = reason ~= '' and reason or nil })
  end)
end

--- Lets the user pick one of the grants that are offered.
---@param pending glossator.Pending
function M.pick_grant(pending)
  local options = { prompt = M.title(pending), kind = 'glossator', format_item = function(one) return one.label end }
  vim.ui.select(M.grants(pending.ask), options, function(chosen)
    if chosen and not pending.answered then M.answer(pending, { decision = 'allow', grant = chosen.grant }) end
  end)
end

local function write_answer(pending)
  vim.ui.input({ prompt = M.title(pending) .. ' ' }, function(text)
    if text and text:match('%S') and not pending.answered then M.answer(pending, { answer = text }) end
  end)
end

--- Lets the user answer a question in words: one of the options, or others.
---@param pending glossator.Pending
function M.reply_in_words(pending)
  if #pending.options == 0 then return write_answer(pending) end
  local items = vim.list_extend(vim.list_slice(pending.options), { false })
  local function label(item) return item or 'Something else...' end
  vim.ui.select(items, { prompt = M.title(pending), kind = 'glossator', format_item = label }, function(chosen)
    if pending.answered or chosen == nil then return end
    if chosen then return M.answer(pending, { answer = chosen }) end
    write_answer(pending)
  end)
end

pump = function()
  if showing or waits then return end
  local following = vim.iter(queue):find(function(pending) return not pending.dismissed end)
  if not following then return end
  if not typing() then return show(following, config().ask_focus, true) end
  if not following.announced then
    following.announced = true
    client_of.notify(M.title(following))
  end
  waits = true
  vim.defer_fn(function()
    waits = false
    pump()
  end, 250)
end

-- Waits, without holding up anything else, until there is an answer.
local function enqueue(pending)
  local thread = coroutine.running()
  pending.answered, pending.dismissed = false, false
  pending.reply = function(answer)
    local ok, why = coroutine.resume(thread, answer)
    if not ok then client_of.notify('the answer could not be sent: ' .. tostring(why), vim.log.levels.ERROR) end
  end
  queue[#queue + 1] = pending
  vim.schedule(function()
    float().renumber()
    pump()
  end)
  return coroutine.yield()
end

local function invalid(words) return nil, vim.lsp.rpc_response_error(vim.lsp.protocol.ErrorCodes.InvalidParams, words) end

--- Handler of `glossator/approval/ask`.
function M.approval_handler(_, params, context)
  if type(params) ~= 'table' or type(params.ask) ~= 'table' then return invalid('the request holds no ask') end
  return enqueue({
    id = params.ask.id or '?', ask = params.ask, client_id = context.client_id, session_id = params.sessionId or '?',
  })
end

--- Handler of `glossator/input/ask`.
function M.question_handler(_, params, context)
  if type(params) ~= 'table' or type(params.question) ~= 'string' then return invalid('the request holds no question') end
  return enqueue({
    id = params.askId or '?', question = params.question, options = type(params.options) == 'table' and params.options or {},
    client_id = context.client_id, session_id = params.sessionId or '?',
  })
end

-- Takes a question away that nobody waits for here any more; its request is answered all the same, which harms nobody.
local function withdraw(pending, answer)
  if not pending.answered then M.answer(pending, answer, true) end
end

--- The question was answered elsewhere; the same answer holds here.
---@param id string ask id
---@param answer table
function M.resolved(id, answer)
  for _, pending in ipairs(vim.list_slice(queue)) do
    if pending.id == id then withdraw(pending, pending.question and vim.NIL or answer) end
  end
end

--- A turn ended: nobody waits for its questions any more, but for those of tasks that go on.
---@param session_id string
---@param tasks table<string, any> by id
function M.turn_ended(session_id, tasks)
  for _, pending in ipairs(vim.list_slice(queue)) do
    local of_task = pending.ask and tasks[pending.ask.call or '']
    if pending.session_id == session_id and not of_task then
      withdraw(pending, pending.question and vim.NIL or { decision = 'deny', grant = 'once' })
    end
  end
end

--- The server is gone: its questions are dropped.
---@param client_id integer
function M.forget(client_id)
  for _, pending in ipairs(vim.list_slice(queue)) do
    if pending.client_id == client_id then
      pending.reply = function() end
      withdraw(pending, {})
    end
  end
end

-- A grant that was not offered must not spend the one answer.
local function give(pending, decision)
  local offered = pending.ask.grants or { 'once' }
  if decision.decision == 'allow' and not vim.list_contains(offered, decision.grant) then
    local words = "'%s' is not offered here; there is: %s"
    return client_of.notify(words:format(decision.grant, table.concat(offered, ', ')), vim.log.levels.WARN)
  end
  M.answer(pending, decision)
end

local function choose(from, prompt, done)
  if #from == 1 then return done(from[1]) end
  vim.ui.select(from, { prompt = prompt, kind = 'glossator', format_item = M.title }, function(pending)
    if pending and not pending.answered then done(pending) end
  end)
end

--- Gives `decision` to the only approval that waits, or lets the user pick one of several.
---@param decision table
---@return boolean whether there was one
function M.decide(decision)
  local asks = vim.tbl_filter(function(pending) return pending.ask ~= nil end, queue)
  if #asks == 0 then return false end
  choose(asks, decision.decision == 'allow' and 'Allow which?' or 'Deny which?', function(pending) give(pending, decision) end)
  return true
end

--- Answers the only question of the model's with a text, or lets the user pick one of several.
---@param text string
---@return boolean whether there was one
function M.say(text)
  local questions = vim.tbl_filter(function(pending) return pending.question ~= nil end, queue)
  if #questions == 0 then return false end
  choose(questions, 'Answer which?', function(pending) M.answer(pending, { answer = text }) end)
  return true
end

--- Shows what waits, and gives it the focus.
---@return boolean whether there is something
function M.open()
  if #queue == 0 then return false end
  local pending = showing or vim.iter(queue):find(function(one) return not one.dismissed end) or queue[1]
  pending.dismissed = false
  show(pending, true)
  if pending.question then vim.schedule(function() M.reply_in_words(pending) end) end
  return true
end

return M
