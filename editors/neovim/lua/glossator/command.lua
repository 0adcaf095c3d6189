-- `:Glossator ...`: one table of sub-commands drives running, help and completion.
local client_of = require('glossator.client')
local session_of = require('glossator.session')
local position = require('glossator.position')
local M = {}

-- The lines of `:{range}Glossator` as a mention; the very selection when they are those of the last characterwise one.
local function mention_of(bufnr, first, last, encoding)
  local range = { start = { line = first - 1, character = 0 }, ['end'] = position.line_end(bufnr, last - 1, encoding) }
  local from, to = vim.api.nvim_buf_get_mark(bufnr, '<'), vim.api.nvim_buf_get_mark(bufnr, '>')
  if vim.fn.visualmode() == 'v' and from[1] == first and to[1] == last then
    local head, tail = vim.fn.getbufline(bufnr, first)[1], vim.fn.getbufline(bufnr, last)[1]
    local stop = math.min(to[2], #tail)
    stop = stop + #vim.fn.matchstr(tail:sub(stop + 1), '^.') -- the mark is on the last character
    range.start.character = position.column(head, math.min(from[2], #head), encoding)
    range['end'].character = position.column(tail, stop, encoding)
  end
  return { kind = 'mention', uri = vim.uri_from_bufnr(bufnr), range = range }
end

local function ask(text, mention)
  local function send(words)
    if not words or not words:match('%S') then return end
    session_of.turn({ { kind = 'text', text = words }, mention })
  end
  if text ~= '' then return send(text) end
  vim.ui.input({ prompt = mention and 'Ask about the selection: ' or 'Ask Glossator: ' }, send)
end

local function with_session(act)
  local session = session_of.visible()
  local client = session and vim.lsp.get_client_by_id(session.client_id)
  if client then return act(client, session) end
  client_of.notify('there is no session yet; start one with :Glossator ask')
end

local function execute(command)
  return function()
    client_of.ready(function(client) client_of.execute(client, command) end)
  end
end

-- Questions of a session that another editor shares come as updates only: the server's command answers them.
local function decide(decision, command)
  if require('glossator.approval').decide(decision) then return end
  local session = session_of.visible()
  local id = session and next(session.asks)
  if not id then return client_of.notify('there is no open question') end
  with_session(function(client) client_of.execute(client, command, { { askId = id, grant = decision.grant, message = decision.message } }) end)
end

local function task_line(task)
  local line = ('%s  %s'):format(task.id, (task.line or task.tool or ''):gsub('%s+', ' '))
  local seconds = math.max(0, os.time() - math.floor((task.startedAt or 0) / 1000))
  local age = seconds < 120 and seconds .. ' s' or math.floor(seconds / 60) .. ' min'
  return ('%s  (runs for %s)'):format(line, age)
end

-- Calls `done` with the tasks that run, in any session of the server.
local function running_tasks(done)
  client_of.ready(function(client)
    client_of.request(client, 'glossator/tasks/list', {}, function(result)
      local tasks = type(result) == 'table' and type(result.tasks) == 'table' and result.tasks or {}
      local running = vim.tbl_filter(function(task) return task.state == 'running' end, tasks)
      if #running == 0 then return client_of.notify('no task is running') end
      done(running, client)
    end)
  end)
end

local function cancel_task(client, task)
  client_of.request(client, 'glossator/tasks/cancel', { sessionId = task.sessionId, id = task.id }, function(result)
    local stopped = type(result) == 'table' and result.cancelled
    client_of.notify(stopped and ('task %s is being stopped'):format(task.id) or ('task %s has ended already'):format(task.id))
  end)
end

local function cancel(id)
  running_tasks(function(running, client)
    if id ~= '' then
      running = vim.tbl_filter(function(task) return task.id == id end, running)
      if #running == 0 then return client_of.notify(("no task '%s' is running; see :Glossator tasks"):format(id), vim.log.levels.WARN) end
    end
    if #running == 1 then return cancel_task(client, running[1]) end
    vim.ui.select(running, { prompt = 'Stop which task?', format_item = task_line }, function(task)
      if task then cancel_task(client, task) end
    end)
  end)
end

-- The place of the cursor, for commands about the hunk there.
local function here()
  local row = vim.api.nvim_win_get_cursor(0)[1]
  return { uri = vim.uri_from_bufnr(0), position = { line = row - 1, character = 0 } }
end

-- `keep` and `reject`: the hunk under the cursor, the hunks of this file, or those of the turn.
local function decide_hunks(verb)
  local targets = {
    [''] = function() return verb .. 'Hunk', { here() } end,
    file = function() return verb .. 'File', { { uri = vim.uri_from_bufnr(0) } } end,
    all = function() return verb .. 'All', {} end,
  }
  return function(rest)
    local target = targets[rest]
    if not target then
      return client_of.notify(("what is '%s'? Say :Glossator %s, %s file or %s all"):format(rest, verb, verb, verb), vim.log.levels.WARN)
    end
    local command, arguments = target()
    client_of.ready(function(client) client_of.execute(client, 'glossator.' .. command, arguments) end)
  end
end

-- A command about a turn, which may be named.
local function of_turn(command)
  return function(rest)
    client_of.ready(function(client) client_of.execute(client, command, rest ~= '' and { rest } or {}) end)
  end
end

local commands = {
  ask = {
    help = 'ask [text]: start a turn; a range goes along as a mention',
    run = function(rest, options)
      if options.range == 0 then return ask(rest) end
      local bufnr = vim.api.nvim_get_current_buf()
      client_of.ready(function(client)
        ask(rest, mention_of(bufnr, options.line1, options.line2, client.offset_encoding))
      end)
    end,
  },
  chat = {
    help = 'chat: show or hide the session',
    run = function()
      client_of.ready(function(client)
        session_of.get(client, function(session) require('glossator.chat').toggle(session) end)
      end)
    end,
  },
  stop = {
    help = 'stop: stop the turn that runs',
    run = function()
      with_session(function(client, session)
        if not session.running then return client_of.notify('nothing runs') end
        client_of.request(client, 'glossator/turn/interrupt', { sessionId = session.id, turnId = session.running })
      end)
    end,
  },
  undo = { help = 'undo: take the edits of the last turn back', run = execute('glossator.undoTurn') },
  redo = { help = 'redo [turn]: make the edits again that were taken back', run = of_turn('glossator.redoTurn') },
  review = { help = 'review [turn]: show the hunks of a turn', run = of_turn('glossator.review') },
  next = {
    help = 'next: go to the next hunk that waits for a decision',
    run = function()
      local place = here()
      client_of.ready(function(client) client_of.execute(client, 'glossator.nextHunk', { place }) end)
    end,
  },
  keep = { help = 'keep [file|all]: keep the hunk under the cursor, of the file, of the turn', run = decide_hunks('keep') },
  reject = { help = 'reject [file|all]: put back what was there before the hunk', run = decide_hunks('reject') },
  trust = { help = 'trust: let the settings and rules of this folder count', run = execute('glossator.trust') },
  approve = {
    help = 'approve [grant]: allow what is asked (once, session)',
    run = function(rest)
      decide({ decision = 'allow', grant = rest ~= '' and rest or 'once' }, 'glossator.approve')
    end,
  },
  deny = {
    help = 'deny [reason]: refuse what is asked; the model is told the reason',
    run = function(rest)
      decide({ decision = 'deny', grant = 'once', message = rest ~= '' and rest or nil }, 'glossator.deny')
    end,
  },
  tasks = {
    help = 'tasks: list the tasks that run',
    run = function()
      running_tasks(function(running)
        client_of.notify(table.concat(vim.tbl_map(task_line, running), '\n') .. '\n(:Glossator cancel [id] stops one)')
      end)
    end,
  },
  cancel = { help = 'cancel [id]: stop a task', run = function(rest) cancel(rest) end },
  sessions = {
    help = 'sessions [text]: pick a session to go on with',
    run = function(rest) require('glossator.sessions').pick(rest) end,
  },
  fork = { help = 'fork [turn]: go on with a copy of the session up to a turn', run = of_turn('glossator.fork') },
  rename = {
    help = 'rename [title]: give the session a name',
    run = function(rest)
      local function name(title)
        if not title or not title:match('%S') then return end
        client_of.ready(function(client) client_of.execute(client, 'glossator.renameSession', { title }) end)
      end
      if rest ~= '' then return name(rest) end
      vim.ui.input({ prompt = 'Call the session: ' }, name)
    end,
  },
  archive = { help = 'archive: put the session away, or bring it back', run = execute('glossator.archiveSession') },
  compact = { help = 'compact: make a short hand-over of the history', run = execute('glossator.compact') },
  context = {
    help = 'context [text]: show what the model was sent, or would be sent with the text',
    run = function(rest)
      if rest ~= '' then return require('glossator.sessions').preview(rest) end
      execute('glossator.context')()
    end,
  },
  board = { help = 'board: show the announcement board', run = execute('glossator.board') },
  cabinet = { help = 'cabinet: show the filing cabinet', run = execute('glossator.cabinet') },
  usage = { help = 'usage: say what was spent', run = execute('glossator.usage') },
  new = {
    help = 'new: start a new session',
    run = function()
      client_of.ready(function(client)
        session_of.new(client, function() client_of.notify('new session') end)
      end)
    end,
  },
}

local grants = { 'once', 'session' }
local scopes = { 'all', 'file' }

local function names()
  local list = vim.tbl_keys(commands)
  table.sort(list)
  return list
end

--- Runs `:Glossator {sub-command} [rest]`.
---@param options table as nvim_create_user_command gives it
function M.run(options)
  local name, rest = options.args:match('^(%S*)%s*(.-)%s*$')
  local command = commands[name]
  if command then return command.run(rest, options) end
  local help = vim.tbl_map(function(each) return '  ' .. commands[each].help end, names())
  local what = name == '' and 'what to do?' or ("there is no '%s'."):format(name)
  client_of.notify(what .. ' There is:\n' .. table.concat(help, '\n'), name == '' and vim.log.levels.INFO or vim.log.levels.WARN)
end

--- Completion of sub-commands, grants, scopes and tasks.
---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  local before = line:sub(1, #line - #lead)
  local candidates = {}
  if before:match('Glossator%s+$') then candidates = names() end
  if before:match('Glossator%s+approve%s+$') then candidates = grants end
  if before:match('Glossator%s+keep%s+$') or before:match('Glossator%s+reject%s+$') then candidates = scopes end
  if before:match('Glossator%s+cancel%s+$') then
    candidates = vim.tbl_keys((session_of.visible() or { tasks = {} }).tasks)
    table.sort(candidates)
  end
  return vim.tbl_filter(function(word) return vim.startswith(word, lead) end, candidates)
end

--- The code action *Edit with Glossator...*: only the user has the words, so the editor asks for them.
---@param arguments any[] [{ uri, range, text? }]
function M.edit_action(arguments)
  local target = type(arguments[1]) == 'table' and arguments[1] or {}
  if type(target.uri) ~= 'string' then return client_of.notify('the action names no file', vim.log.levels.WARN) end
  ask(target.text or '', { kind = 'mention', uri = target.uri, range = target.range })
end

return M
