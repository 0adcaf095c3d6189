-- Sessions as the server's updates tell of them: which one is current, what runs, waits and is asked. What was said stands in
-- the server's own documents; nothing of it is kept here.
local client_of = require('glossator.client')
local server = require('glossator.server')
local M = {}

---@class glossator.Session
---@field id string
---@field client_id integer
---@field seq? integer the last update seen
---@field title? string what it is called
---@field running? string the turn that runs
---@field ended? string how the last turn ended, if it is not simply done
---@field doing? string what the turn does now, in a word or two
---@field retries_at? number when the model is asked again, by `vim.uv.now`
---@field settings? table model, pack and policy of the next turn
---@field usage? table tokens of the last turn
---@field cost? table what the last turn has cost
---@field queued integer prompts that wait
---@field asks table<string, table> open questions by id
---@field tasks table<string, table> tasks that run, by id

local sessions = {} ---@type table<string, glossator.Session>
local current = {} ---@type table<integer, string> client id -> session id
local waiting = {} ---@type table<integer, function[]> client id -> callbacks while it is found out which session is current
local roots = {} ---@type table<integer, string> client id -> its folder
local left = {} ---@type table<string, string> folder -> the session that was current when its server ended

local function adopt(id, client_id)
  local session = sessions[id]
  if not session then
    session = { id = id, client_id = client_id, asks = {}, tasks = {}, queued = 0 }
    sessions[id] = session
  end
  return session
end

-- For status lines, and for whoever wants to know.
local function changed(session, kind)
  vim.schedule(function()
    vim.cmd.redrawstatus({ bang = true })
    vim.api.nvim_exec_autocmds('User', {
      pattern = 'GlossatorUpdate', modeline = false, data = { session = session.id, kind = kind },
    })
  end)
end

--- What the turn that runs does, in a word or two.
---@param session glossator.Session
---@return string?
function M.doing(session)
  if next(session.asks) then return 'asks' end
  if not session.retries_at then return session.doing end
  return ('waits %d s'):format(math.max(1, math.ceil((session.retries_at - vim.uv.now()) / 1000)))
end

--- A session that is known here.
---@param id string
---@return glossator.Session?
function M.find(id) return sessions[id] end

--- The session that `:Glossator` and the status line mean in the current buffer.
---@return glossator.Session?
function M.visible()
  local document = require('glossator.documents').get(vim.api.nvim_get_current_buf())
  if document and document.session and sessions[document.session] then return sessions[document.session] end
  local client_id = server.current()
  return client_id and sessions[current[client_id] or ''] or nil
end

local function choose(client, id)
  current[client.id] = id
  require('glossator.chat').follow(client, id)
end

--- Makes a new session the current one of its client.
---@param client vim.lsp.Client
---@param done fun(session: glossator.Session)
function M.new(client, done)
  client_of.request(client, 'glossator/session/new', {}, function(result)
    local id = vim.tbl_get(result or {}, 'session', 'id')
    if type(id) ~= 'string' then return client_of.notify('the server opened no session', vim.log.levels.ERROR) end
    local session = adopt(id, client.id)
    choose(client, id)
    done(session)
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

--- Goes on with a session.
---@param client vim.lsp.Client
---@param id string
---@param done? fun() called at the end, whatever became of it; without it an error is shown
function M.resume(client, id, done)
  local function finish() if done then done() end end
  client_of.request(client, 'glossator/session/resume', { sessionId = id }, function(result)
    if type(result) ~= 'table' or type(result.read) ~= 'table' then return finish() end
    M.take_over(client, result.read, vim.tbl_get(result, 'left', 'runningTasks'))
    local left_open = type(result.left) == 'table' and result.left or {}
    local is_open = result.read.running or left_open.interrupted or (left_open.hunks or 0) > 0 or #(left_open.runningTasks or {}) > 0 or #(left_open.lostTasks or {}) > 0
    local title = (vim.tbl_get(result.read, 'session', 'title') or id):gsub('%s+', ' ')
    client_of.notify(("goes on with '%s'.%s"):format(title, is_open and ' ' .. (left_open.message or '') or ''))
    finish()
  end, done)
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
    M.resume(client, id, go_on)
  end, go_on)
end

--- A prompt as it would be written in the prompt document.
---@param client vim.lsp.Client
---@param input table[] its parts
---@return string
function M.written(client, input)
  local words = vim.tbl_map(function(part)
    if part.kind ~= 'mention' then return part.text or '' end
    local path = vim.uri_to_fname(part.uri)
    local root = client.config.root_dir .. '/'
    local name = vim.startswith(path, root) and path:sub(#root + 1) or path
    local lines = part.range and (':%d-%d'):format(part.range.start.line + 1, part.range['end'].line + 1) or ''
    return '@' .. (name:find('%s') and ('"%s"'):format(name) or name) .. lines
  end, input)
  return table.concat(words, ' ')
end

-- A prompt that is a command (`/compact`) is not sent: the server says which command it is. One that cannot be sent is kept
-- where it can be sent from later.
local function refused(client, session, input)
  return function(message, data)
    local command = type(data) == 'table' and type(data.command) == 'string' and data.command:match('^glossator%.(.+)$')
    if command then return client_of.execute(client, command, data.arguments) end
    client_of.notify(type(data) == 'table' and data.signIn and client_of.refusal(data, message) or message, vim.log.levels.ERROR)
    require('glossator.chat').keep(client, session.id, M.written(client, input))
  end
end

--- Sends a prompt: starts a turn with it, or adds it to the one that runs.
---@param input table[] parts: { kind = 'text', text } or { kind = 'mention', uri, range? }
---@param method? 'steer'|'queue' `queue`: to let it wait for its turn
function M.prompt(input, method)
  server.ready(function(client)
    M.get(client, function(session)
      local chat = require('glossator').config.chat
      if chat.open_on_ask then require('glossator.chat').show(client, session.id) end
      local wanted = method or 'steer' -- without a turn that runs it starts one
      client_of.request(client, 'glossator/turn/' .. wanted, { sessionId = session.id, input = input }, function(result)
        if wanted ~= 'queue' or type(result) ~= 'table' or result.turnId then return end
        local words = result.waits and '; ' .. result.waits or ''
        client_of.notify(('queued as %s, number %d%s'):format(result.id or '?', result.position or 0, words))
      end, refused(client, session, input))
    end)
  end)
end

local function one_line(value)
  local text = (type(value) == 'string' and value or vim.json.encode(value)):gsub('%s+', ' ')
  return #text > 120 and vim.fn.strcharpart(text, 0, 117) .. '...' or text
end

local updates = {} -- what an update does: kind -> function

function updates.turnStarted(session, _, turn)
  session.running, session.doing, session.ended = turn or '?', nil, nil
  session.usage, session.cost, session.retries_at = nil, nil, nil
end

local doing = { reasoning = 'thinks', answer = 'writes', script = 'runs a script' }

function updates.itemStarted(session, update)
  local item = type(update.item) == 'table' and update.item or {}
  session.doing = doing[item.kind] or item.title and one_line(item.title) or nil
  session.retries_at = nil
end

function updates.session(session, update)
  session.title = update.title
  if type(update.settings) == 'table' then session.settings = update.settings end
end

function updates.usage(session, update)
  session.usage = update.usage
  session.cost = type(update.cost) == 'table' and update.cost or nil
end

function updates.queue(session, update) session.queued = #(update.prompts or {}) end

function updates.ask(session, update)
  if type(update.ask) == 'table' and update.ask.id then session.asks[update.ask.id] = update.ask end
end

function updates.askResolved(session, update)
  session.asks[update.id or ''] = nil
  require('glossator.asks').resolved(update.id, update.answer or {})
end

function updates.task(session, update)
  if type(update.id) ~= 'string' then return end
  session.tasks[update.id] = update.state == 'running' and update or nil
  local why = one_line(update.error or update.summary or '')
  local exit_code = update.tool == 'exec' and tonumber(why:match('^exit (%-?%d+)')) or 0
  local has_failed = update.state == 'failed' or update.state == 'lost' or (update.state == 'done' and exit_code ~= 0)
  if not has_failed then return end
  local name = one_line(update.line or update.tool or '')
  client_of.notify(('task %s %s: %s%s'):format(update.id, name, update.state, why ~= '' and ', ' .. why or ''), vim.log.levels.WARN)
end

-- The status line counts the seconds until a model that had too much to do is asked again.
local function count_down(session, at)
  if session.retries_at ~= at then return end
  if vim.uv.now() >= at then session.retries_at = nil end
  changed(session, 'notice')
  if session.retries_at then vim.defer_fn(function() count_down(session, at) end, 1000) end
end

function updates.notice(session, update)
  local seconds = session.running and tonumber(tostring(update.text):match('Retrying %d+/%d+ in ([%d.]+) s'))
  if seconds then
    session.retries_at, session.doing = vim.uv.now() + seconds * 1000, nil
    count_down(session, session.retries_at)
  end
  if update.level == 'error' then client_of.notify(update.text or '', vim.log.levels.ERROR) end
end

local ends = { interrupted = 'was stopped', failed = 'failed', limited = 'is paused' }

function updates.turnCompleted(session, update)
  local turn = session.running or 'turn'
  session.running, session.doing, session.retries_at = nil, nil, nil
  session.ended = ends[update.status] and ('%s %s'):format(turn, ends[update.status]) or nil
  session.asks = vim.iter(session.asks):fold({}, function(kept, id, ask)
    if session.tasks[ask.call or ''] then kept[id] = ask end -- a task goes on, and so does its question
    return kept
  end)
  require('glossator.asks').turn_ended(session.id, session.tasks)
  local client = vim.lsp.get_client_by_id(session.client_id)
  if client and (session.title or '') == '' then M.look(client, session.id) end
  if update.status ~= 'failed' then return end
  local words = update.message and ': ' .. update.message or ''
  client_of.notify(('%s failed%s'):format(turn, words), vim.log.levels.ERROR)
end

--- Reads what a session is called and what its next turn is run with.
---@param client vim.lsp.Client
---@param id string
function M.look(client, id)
  client_of.request(client, 'glossator/session/read', { sessionId = id, turns = 1 }, function(result)
    local session = sessions[id]
    if not session or type(result) ~= 'table' then return end
    session.title = vim.tbl_get(result, 'session', 'title') or session.title
    session.settings = type(result.settings) == 'table' and result.settings or session.settings
    session.queued = type(result.queued) == 'table' and #result.queued or session.queued
    changed(session, 'session')
  end, function() end)
end

-- The server works in another session from now on, because of a command.
local function entered(client, result)
  local id = type(result) == 'table' and (vim.tbl_get(result, 'session', 'id') or result.left and result.sessionId)
  if type(id) ~= 'string' then return end
  adopt(id, client.id)
  choose(client, id)
  M.look(client, id)
end

for _, name in ipairs({ 'fork', 'forkHere', 'newSession', 'resume' }) do client_of.after[name] = entered end

-- What did not arrive is asked for; it is taken in late, but taken in.
local function fill_gap(session, last, seq)
  local function failed()
    local lost = seq - last - 1
    local words = '%d update%s of this session did not arrive; :Glossator chat shows what was said'
    client_of.notify(words:format(lost, lost == 1 and '' or 's'), vim.log.levels.WARN)
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
    changed(session, 'gap')
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

--- Makes a session that was read the current one of its client.
---@param client vim.lsp.Client
---@param read table the result of `session/read`
---@param tasks? table[] those of its tasks that run
function M.take_over(client, read, tasks)
  local id = vim.tbl_get(read, 'session', 'id')
  if type(id) ~= 'string' then return end
  local session = adopt(id, client.id)
  session.seq = read.seq
  session.title = read.session.title
  session.running = read.running
  session.settings = read.settings or session.settings
  session.queued = type(read.queued) == 'table' and #read.queued or 0
  session.asks, session.tasks = {}, {}
  session.doing = nil
  for _, one in ipairs(read.writing or {}) do session.doing = doing[one.item] or one.title and one_line(one.title) or session.doing end
  for _, ask in ipairs(read.asks or {}) do session.asks[ask.id] = ask end
  for _, task in ipairs(tasks or {}) do session.tasks[task.id] = task end
  choose(client, id)
  changed(session, 'resumed')
end

--- Handler of `glossator/session/update`. Kinds this version does not know are skipped.
function M.on_update(_, params, context)
  if type(params) ~= 'table' or type(params.sessionId) ~= 'string' or type(params.update) ~= 'table' then return end
  local session = adopt(params.sessionId, context.client_id)
  local kind = params.update.kind
  local client = vim.lsp.get_client_by_id(context.client_id)
  -- What begins elsewhere, in another session, never takes the place of the one that the user is in.
  if client and not current[client.id] then choose(client, session.id) end
  if not in_order(session, params.seq) then return end
  local act = updates[kind]
  if not act then return end
  act(session, params.update, params.turnId)
  changed(session, kind)
end

--- A session is no more, or is to be no more: the next prompt goes to another one.
---@param id string
function M.drop(id)
  sessions[id] = nil
  for client_id, current_id in pairs(current) do
    if current_id == id then current[client_id] = nil end
  end
end

--- The server of a client is gone: nothing of it runs or asks any more.
---@param client_id integer
function M.forget(client_id)
  if roots[client_id] then left[roots[client_id]] = current[client_id] end
  roots[client_id], current[client_id] = nil, nil
  waiting[client_id] = nil
  for id, session in pairs(sessions) do
    if session.client_id == client_id then sessions[id] = nil end
  end
end

return M
