-- Sessions as the server's updates tell of them: which one is current, what runs, what is asked. Text goes to the chat.
local client_of = require('glossator.client')
local chat = require('glossator.chat')
local M = {}

---@class glossator.Session
---@field id string
---@field client_id integer
---@field seq? integer the last update seen
---@field title? string what it is called
---@field running? string the turn that runs
---@field usage? table tokens of the last turn
---@field asks table<string, table> open questions by id
---@field tasks table<string, table> tasks that run, by id
---@field streamed boolean whether the answer of this round was shown while it came
---@field late? boolean whether an answer may be under way whose beginning was not seen: it is shown when it is whole

local sessions = {} ---@type table<string, glossator.Session>
local current = {} ---@type table<integer, string> client id -> session id
local waiting = {} ---@type table<integer, function[]> client id -> callbacks while it is found out which session is current
local roots = {} ---@type table<integer, string> client id -> its folder
local left = {} ---@type table<string, string> folder -> the session that was current when its server ended

local function adopt(id, client_id)
  local session = sessions[id]
  if not session then
    session = { id = id, client_id = client_id, asks = {}, tasks = {}, streamed = false }
    sessions[id] = session
  end
  return session
end

--- The session that `:Glossator` and the status line mean in the current buffer.
---@return glossator.Session?
function M.visible()
  local client_id = client_of.current()
  return client_id and sessions[current[client_id] or ''] or nil
end

--- Makes a session the current one of its client.
---@param client vim.lsp.Client
---@param done fun(session: glossator.Session)
function M.new(client, done)
  client_of.request(client, 'glossator/session/new', {}, function(result)
    local id = vim.tbl_get(result or {}, 'session', 'id')
    if type(id) ~= 'string' then
      client_of.notify('the server opened no session', vim.log.levels.ERROR)
      return
    end
    current[client.id] = id
    done(adopt(id, client.id))
  end)
end

-- Callbacks for the current session of a client wait until `ready` is called, or `late()` after ten seconds: an answer that
-- never comes must not block later tries.
local function hold(client, callbacks, late)
  waiting[client.id] = callbacks
  local function ready(with)
    if waiting[client.id] ~= callbacks then return end
    waiting[client.id] = nil
    for _, callback in ipairs(callbacks) do with(callback) end
  end
  vim.defer_fn(function() ready(late) end, 10000)
  return ready
end

--- The current session of a client; made if there is none.
---@param client vim.lsp.Client
---@param done fun(session: glossator.Session)
function M.get(client, done)
  local session = sessions[current[client.id] or '']
  if waiting[client.id] then
    table.insert(waiting[client.id], done)
    return
  end
  if session then return done(session) end
  local ready = hold(client, { done }, function() end)
  M.new(client, function(made)
    ready(function(callback) callback(made) end)
  end)
end

--- A server was started: goes on with the session whose turn runs or waits there, or with the one that was current here
--- when the last server ended. Without either the first prompt begins a session.
---@param client vim.lsp.Client
---@param root string
function M.rejoin(client, root)
  local before = left[root]
  roots[client.id], left[root] = root, nil
  local function get(callback) M.get(client, callback) end
  local ready = hold(client, {}, get)
  local function go_on() ready(get) end
  client_of.request(client, 'glossator/session/list', { limit = 50 }, function(result)
    local all = type(result) == 'table' and type(result.sessions) == 'table' and result.sessions or {}
    local running = vim.iter(all):find(function(one) return one.running end)
    -- What ended between the start of the server and its answer was told of by updates.
    local id = current[client.id] or running and running.id or before
    if not id then return go_on() end
    require('glossator.sessions').resume(client, id, go_on)
  end, go_on)
end

--- Starts a turn.
---@param input table[] parts: { kind = 'text', text } or { kind = 'mention', uri, range? }
function M.turn(input)
  client_of.ready(function(client)
    M.get(client, function(session)
      client_of.request(client, 'glossator/turn/start', { sessionId = session.id, input = input })
    end)
  end)
end

local function one_line(value)
  local text = type(value) == 'string' and value or vim.json.encode(value)
  text = text:gsub('%s+', ' ')
  return #text > 120 and vim.fn.strcharpart(text, 0, 117) .. '...' or text
end

local items = {} -- how an item is shown: kind -> function

function items.userMessage(session, item)
  for _, part in ipairs(item.input or {}) do
    if part.kind == 'text' then
      chat.block(session, '> ' .. part.text:gsub('\n', '\n> '))
    elseif part.kind == 'mention' then
      local lines = part.range and (':%d-%d'):format(part.range.start.line + 1, part.range['end'].line + 1) or ''
      chat.line(session, '> @' .. vim.fn.fnamemodify(vim.uri_to_fname(part.uri), ':~:.') .. lines)
    end
  end
end

function items.answer(session, item)
  if not session.streamed then
    local text = (item.text or ''):gsub('<tool%-calls>.-</tool%-calls>', '')
    local who = item.agent and ('*%s:* '):format(item.agent) or ''
    if text:match('%S') then chat.block(session, who .. text) end
  end
  session.streamed, session.late = false, false
end

function items.script(session, item)
  local _, breaks = vim.trim(item.source or ''):gsub('\n', '')
  chat.line(session, ('- script of %d lines'):format(breaks + 1))
end

function items.toolCall(session, item)
  local call = item.call or {}
  chat.line(session, ('- `%s` %s'):format(call.name or '?', one_line(call.arguments or {})))
end

function items.toolOutput(session, item)
  local outcome = item.outcome or {}
  if outcome.Err then
    chat.line(session, ('  - failed: %s'):format(one_line(outcome.Err.message or outcome.Err)))
  elseif outcome.Ok and outcome.Ok.summary ~= '' then
    chat.line(session, '  - ' .. one_line(outcome.Ok.summary or ''))
  end
end

function items.scriptOutput(session, item)
  if item.ok == false then chat.line(session, '  - the script failed: ' .. one_line(item.text or '')) end
end

function items.notice(session, item) chat.block(session, ('**%s:** %s'):format(item.level or 'notice', item.text or '')) end

-- How a turn ended, where the update that told so is not seen any more.
local function ended(session, item)
  local words = item.message and ': ' .. item.message or ''
  chat.line(session, ('*%s%s*'):format(item.status or 'ended', words))
end

local updates = {} -- what an update does: kind -> function

function updates.turnStarted(session, _, turn)
  session.running = turn or '?'
  session.usage = nil
  session.streamed, session.late = false, false
  current[session.client_id] = session.id
  chat.block(session, '## ' .. (turn or 'Turn'))
end

function updates.itemDelta(session, update)
  if update.stream ~= 'answer' or type(update.text) ~= 'string' or session.late then return end
  if session.streamed then
    chat.append(session, update.text)
  else
    session.streamed = true
    chat.block(session, (update.agent and ('*%s:* '):format(update.agent) or '') .. update.text)
  end
end

function updates.itemCompleted(session, update)
  local item = type(update.item) == 'table' and update.item or {}
  local show = items[item.kind]
  if show then show(session, item) end
end

function updates.session(session, update) session.title = update.title end

function updates.usage(session, update) session.usage = update.usage end

function updates.changeSet(session, update)
  chat.line(session, ('- edit %s: %s'):format(update.state or '?', table.concat(update.files or {}, ', ')))
end

function updates.ask(session, update)
  if type(update.ask) == 'table' and update.ask.id then session.asks[update.ask.id] = update.ask end
end

function updates.askResolved(session, update)
  session.asks[update.id] = nil
  local answer = update.answer or {}
  local words = answer.message and (' (%s)'):format(one_line(answer.message)) or ''
  chat.line(session, ('- answered: %s%s%s'):format(answer.decision or '?', answer.grant and ', ' .. answer.grant or '', words))
  require('glossator.approval').resolved(update.id, answer)
end

function updates.task(session, update)
  if type(update.id) ~= 'string' then return end
  local running = update.state == 'running'
  session.tasks[update.id] = running and update or nil
  local name = ('task `%s` %s'):format(update.id, one_line(update.line or update.tool or ''))
  if running then return chat.line(session, ('- %s runs'):format(name)) end
  local why = one_line(update.error or update.summary or '')
  local words = ('%s: %s%s'):format(name, update.state or 'ended', why ~= '' and (', ' .. why) or '')
  chat.line(session, '- ' .. words)
  local bad = update.state == 'failed' or update.state == 'lost'
  if bad then client_of.notify((words:gsub('`', '')), vim.log.levels.WARN) end
end

function updates.notice(session, update)
  items.notice(session, update)
  if update.level == 'error' then client_of.notify(update.text or '', vim.log.levels.ERROR) end
end

function updates.turnCompleted(session, update)
  local turn = session.running or 'turn'
  session.running = nil
  session.asks = vim.iter(session.asks):fold({}, function(kept, id, ask)
    if session.tasks[ask.call or ''] then kept[id] = ask end -- a task goes on, and so does its question
    return kept
  end)
  require('glossator.approval').turn_ended(session.id, session.tasks)
  ended(session, update)
  if update.status == 'failed' then
    local words = update.message and ': ' .. update.message or ''
    client_of.notify(('%s failed%s'):format(turn, words), vim.log.levels.ERROR)
  end
end

-- What did not arrive is asked for; it is shown late, but shown.
local function fill_gap(session, last, seq)
  local lost = seq - last - 1
  local text = ('%d update%s of this session did not arrive'):format(lost, lost == 1 and '' or 's')
  items.notice(session, { level = 'warning', text = text .. '; asked for again' })
  local function failed()
    local words = text .. '; the chat has a gap here'
    items.notice(session, { level = 'warning', text = words })
    client_of.notify(words, vim.log.levels.WARN)
  end
  local client = vim.lsp.get_client_by_id(session.client_id)
  if not client then return failed() end
  client_of.request(client, 'glossator/session/read', { sessionId = session.id, afterSeq = last }, function(result)
    local missed = type(result) == 'table' and type(result.updates) == 'table' and result.updates
    if not missed then return failed() end
    for _, params in ipairs(missed) do
      local act = params.seq < seq and updates[params.update.kind]
      if act then act(session, params.update, params.turnId) end
    end
  end, failed)
end

-- Updates are numbered without gaps in each session. Returns false for one that was seen before.
local function in_order(session, seq)
  if type(seq) ~= 'number' then return true end
  local last = session.seq
  if last and seq <= last then return false end
  session.seq = seq
  if last and seq > last + 1 then fill_gap(session, last, seq) end
  return true
end

--- Makes a session that was read the current one of its client, and shows its items in the chat.
---@param client vim.lsp.Client
---@param read table the result of `session/read`
---@param tasks? table[] those of its tasks that run
function M.take_over(client, read, tasks)
  local id = vim.tbl_get(read, 'session', 'id')
  if type(id) ~= 'string' then return end
  local session = adopt(id, client.id)
  current[client.id] = id
  session.seq = read.seq
  session.title = read.session.title
  session.running = read.running
  session.asks, session.tasks, session.streamed = {}, {}, false
  for _, ask in ipairs(read.asks or {}) do session.asks[ask.id] = ask end
  for _, task in ipairs(tasks or {}) do session.tasks[task.id] = task end
  chat.clear(session)
  local turn
  for _, item in ipairs(read.items or {}) do
    if item.turn ~= turn then chat.block(session, '## ' .. item.turn) end
    turn = item.turn
    local show = item.kind == 'turnEnded' and ended or items[item.kind]
    if show then show(session, item) end
  end
  session.late = read.running ~= nil
  require('glossator.approval').announce_again(id)
end

--- Handler of `glossator/session/update`. Kinds this version does not know are skipped.
function M.on_update(_, params, context)
  if type(params) ~= 'table' or type(params.sessionId) ~= 'string' or type(params.update) ~= 'table' then return end
  local session = adopt(params.sessionId, context.client_id)
  current[context.client_id] = current[context.client_id] or session.id
  if not in_order(session, params.seq) then return end
  local act = updates[params.update.kind]
  if act then act(session, params.update, params.turnId) end
end

--- The server of a client is gone: nothing of it runs or asks any more. The chats stay readable.
---@param client_id integer
function M.forget(client_id)
  if roots[client_id] then left[roots[client_id]] = current[client_id] end
  roots[client_id], current[client_id] = nil, nil
  waiting[client_id] = nil
  for id, session in pairs(sessions) do
    if session.client_id == client_id then
      if session.running then chat.line(session, '*the server ended*') end
      sessions[id] = nil
    end
  end
end

return M
