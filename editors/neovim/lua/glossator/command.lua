-- `:Glossator ...`: one table of sub-commands drives running, help and completion.
local client_of = require('glossator.client')
local server = require('glossator.server')
local session_of = require('glossator.session')
local M = {}

-- Modules are loaded when they are first needed.
local function asks() return require('glossator.asks') end
local function chat() return require('glossator.chat') end
local function pick() return require('glossator.pick') end
local function prompting() return require('glossator.prompting') end
local function review() return require('glossator.review') end
local function signin() return require('glossator.signin') end

local function with_session(act)
  local session = session_of.visible()
  local client = session and vim.lsp.get_client_by_id(session.client_id)
  if client then return act(client, session) end
  client_of.notify('there is no session yet; start one with :Glossator ask')
end

local function execute(command)
  return function()
    server.ready(function(client) client_of.execute(client, command) end)
  end
end

-- A command with the rest of the line as its argument, if there is some.
local function with_rest(command)
  return function(rest)
    server.ready(function(client) client_of.execute(client, command, rest ~= '' and { rest } or {}) end)
  end
end

local function code(command, whole)
  return function(rest, options) prompting().code(command, rest, options, whole) end
end

local function prompt(method)
  return function(rest, options) prompting().ask(rest, options, method) end
end

-- Questions of a session that another editor shares come as updates only: the server's command answers them.
local function decide(decision, command)
  if asks().decide(decision) then return end
  local session = session_of.visible()
  local open = vim.tbl_values(session and session.asks or {})
  if #open == 0 then return client_of.notify('there is no open question') end
  local function give(ask)
    if not ask then return end
    with_session(function(client)
      client_of.execute(client, command, { { askId = ask.id, grant = decision.grant, message = decision.message } })
    end)
  end
  if #open == 1 then return give(open[1]) end
  vim.ui.select(open, { prompt = decision.decision == 'allow' and 'Allow which?' or 'Deny which?', kind = 'glossator', format_item = function(ask) return ask.title or ask.id end }, give)
end

-- `keep` and `reject`: the hunk under the cursor, the hunks of this file, or those of the turn.
local function decide_hunks(verb)
  local targets = {
    [''] = function(client) return verb .. 'Hunk', { review().here(client) } end,
    file = function() return verb .. 'File', { { uri = vim.uri_from_bufnr(0) } } end,
    all = function() return verb .. 'All', {} end,
  }
  return function(rest)
    local target = targets[rest] or rest:match('^T%-%d+$') and function() return verb .. 'All', { rest } end
    if not target then
      local words = "what is '%s'? Say :Glossator %s, %s file, %s all or a turn"
      return client_of.notify(words:format(rest, verb, verb, verb), vim.log.levels.WARN)
    end
    server.ready(function(client)
      local command, arguments = target(client)
      client_of.execute(client, command, arguments)
    end)
  end
end

local function stop()
  with_session(function(client, session)
    if not session.running then return client_of.notify('nothing runs') end
    client_of.request(client, 'glossator/turn/interrupt', { sessionId = session.id, turnId = session.running })
  end)
end

local function rename(rest)
  local function name(title)
    if not title or not title:match('%S') then return end
    server.ready(function(client) client_of.execute(client, 'renameSession', { title }) end)
  end
  if rest ~= '' then return name(rest) end
  vim.ui.input({ prompt = 'Call the session: ' }, name)
end

local function delete()
  with_session(function(client, session)
    local title = session.title and session.title ~= '' and session.title or session.id
    vim.ui.select({ 'Keep it', 'Delete it' }, { prompt = ('Delete the session %s for ever?'):format(title), kind = 'glossator' }, function(choice)
      if choice ~= 'Delete it' then return end
      client_of.execute(client, 'deleteSession', { { sessionId = session.id, confirmed = true } }, function()
        session_of.drop(session.id)
        session_of.get(client, function() end) -- an open chat shows the next one
      end)
    end)
  end)
end

local function new()
  server.ready(function(client)
    session_of.new(client, function() client_of.notify('new session') end)
  end)
end

local function answer(rest)
  if rest ~= '' then
    if asks().say(rest) then return end
    return with_session(function(client) client_of.execute(client, 'answer', { rest }) end)
  end
  if not asks().open() then client_of.notify('there is no open question') end
end

local function send()
  local bufnr = vim.api.nvim_get_current_buf()
  local document = require('glossator.documents').get(bufnr)
  if document and document.kind == 'prompt' then return require('glossator.prompt').send(bufnr) end
  execute('send')()
end

local grants = { 'once', 'session', 'exact', 'prefix' }
local scopes = { 'all', 'file' }

-- Each: what `:Glossator` says of it, what it does with the rest of the line, what may be written there.
local commands = {
  ask = { 'ask [text]: start a turn, or add to the one that runs; a range goes along', prompt() },
  steer = { 'steer [text]: add to the running turn', prompt('steer') },
  queue = {
    'queue [text]: let a prompt wait for its turn; without a text those that wait',
    function(rest, options)
      if rest == '' and options.range == 0 then return pick().queued() end
      prompting().ask(rest, options, 'queue')
    end,
  },
  send = { 'send: send what is written in the prompt', send },
  chat = { 'chat: show the session and go to its prompt; there: hide it', function() chat().toggle() end },
  stop = { 'stop: stop the turn that runs', stop },
  fix = { 'fix [words]: fix what is reported on the line or in the range', code('fix') },
  explain = { 'explain [words]: explain the line or the range', code('explain') },
  tests = { 'tests [words]: write tests for the place', code('tests') },
  document = { 'document [words]: document the place', code('document') },
  comment = { 'comment: do what the comment here says', code('doComment') },
  critique = { 'critique [words]: review the file or the range', code('reviewCode', true) },
  approve = {
    'approve [grant]: allow what is asked (once, session, exact, prefix)',
    function(rest) decide({ decision = 'allow', grant = rest ~= '' and rest or 'once' }, 'approve') end,
    function() return grants end,
  },
  deny = {
    'deny [reason]: refuse what is asked; the model is told the reason',
    function(rest) decide({ decision = 'deny', grant = 'once', message = rest ~= '' and rest or nil }, 'deny') end,
  },
  answer = { 'answer [text]: show what is asked; with a text answer a question of the model', answer },
  grants = { 'grants: what was allowed for the session; what is picked is allowed no more', function() pick().grants() end },
  next = { 'next: go to the next hunk that waits for a decision', function() review().next() end },
  previous = { 'previous: go to the hunk before', function() review().previous() end },
  hunks = { 'hunks: pick a hunk and go there', function() pick().hunk() end },
  keep = { 'keep [file|all|turn]: keep the hunk under the cursor, those of the file, of the turn', decide_hunks('keep'), function() return scopes end },
  reject = { 'reject [file|all|turn]: put back what was there before', decide_hunks('reject'), function() return scopes end },
  before = { 'before: show or hide the lines that were there before', function() review().toggle_before() end },
  review = { 'review [turn]: show the hunks of a turn', with_rest('review') },
  undo = { 'undo [turn]: take the edits of a turn back', with_rest('undoTurn') },
  redo = { 'redo [turn]: make the edits again that were taken back', with_rest('redoTurn') },
  new = { 'new: start a new session', new },
  sessions = { 'sessions [text]: pick a session to go on with', function(rest) pick().session(rest) end },
  fork = { 'fork [turn]: go on with a copy of the session up to a turn', with_rest('fork') },
  rename = { 'rename [title]: give the session a name', rename },
  archive = { 'archive: put the session away, or bring it back', execute('archiveSession') },
  delete = { 'delete: delete the session', delete },
  export = { 'export [markdown|jsonl]: write the session into a file', with_rest('exportSession'), function() return { 'jsonl', 'markdown' } end },
  compact = { 'compact: make a short hand-over of the history', execute('compact') },
  context = {
    'context [text]: show what the model was sent, or would be sent with the text',
    function(rest)
      if rest ~= '' then return require('glossator.preview').show(rest) end
      execute('context')()
    end,
  },
  board = { 'board: show the announcement board', execute('board') },
  cabinet = { 'cabinet: show the filing cabinet', execute('cabinet') },
  usage = { 'usage: say what was spent', execute('usage') },
  tasks = { 'tasks: list the tasks that run', function() pick().tasks() end },
  cancel = {
    'cancel [id]: stop a task',
    function(rest) pick().cancel(rest) end,
    function() return vim.tbl_keys((session_of.visible() or { tasks = {} }).tasks) end,
  },
  model = { 'model [id]: choose the model', function(rest) pick().model(rest) end, function() return pick().seen end },
  pack = { 'pack [name]: choose the tools of a session that has not begun', function(rest) pick().pack(rest) end },
  policy = { 'policy [name]: choose what may be done without asking', function(rest) pick().policy(rest) end, function() return pick().policies end },
  login = { 'login [provider]: store the key of a provider', function(rest) signin().login(rest) end },
  logout = { 'logout [provider]: remove the stored key', function(rest) signin().logout(rest) end },
  trust = { 'trust: let the settings and rules of this folder count', execute('trust') },
  status = { 'status: show how things stand', execute('status') },
  messages = { 'messages: show all that was said', function() require('glossator.messages').open() end },
  folder = {
    'folder [path]: work in another folder, too',
    function(rest) server.add_folder(rest ~= '' and rest or vim.fn.getcwd()) end,
    function(lead) return vim.fn.getcompletion(lead, 'dir') end,
  },
  restart = { 'restart: end the server and start it again', function() server.restart() end },
}

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
  if command then return command[2](rest, options) end
  if name == '' then return require('glossator.scratch').open(M.help()) end
  client_of.notify(("there is no '%s'; :Glossator alone lists what there is"):format(name), vim.log.levels.WARN)
end

--- Completion of sub-commands and of their first word.
---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  local before = line:sub(1, #line - #lead)
  local candidates = {}
  local name = before:match('Glossator%s+(%S+)%s+$')
  if before:match('Glossator%s+$') then
    candidates = names()
  elseif name and commands[name] and commands[name][3] then
    candidates = vim.list_slice(commands[name][3](lead))
    table.sort(candidates)
  end
  return vim.tbl_filter(function(word) return vim.startswith(word, lead) end, candidates)
end

--- What `:Glossator` says of each sub-command, in order; the help is made of it.
---@return string[] `name [argument]: what it does`
function M.help()
  return vim.tbl_map(function(name) return commands[name][1] end, names())
end

return M
