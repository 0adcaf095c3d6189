-- Whole turns in a real Neovim: the agent reads unsaved text and patches it, asks, is refused, is stopped, is undone.
-- usage: nvim.sh (or: GLOSSATOR_BIN=... nvim --headless -u NONE -l nvim.lua); TAP on stdout
local t = dofile(vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/tap.lua')

local function script(code) return 'I will do it.\n\n<tool-calls>\n' .. code .. '\n</tool-calls>\n' end

local function patch(old, new)
  return ('return await tools.applyPatch({ patch: `*** Begin Patch\n*** Update File: poem.txt\n@@\n-%s\n+%s\n*** End Patch` });'):format(old, new)
end

-- In the order in which the turns below use them: one reply for each request to the model.
local replies = {
  script([[
const poem = await tools.readFile({ path: "poem.txt" });
if (!poem.text.includes("an unsaved line")) throw new Error("unsaved text is not seen: " + poem.text);
]] .. patch('an unsaved line', 'a line by the agent')),
  'Said the model.',
  script([[return (await tools.exec({ command: ["touch", "ran.txt"] })).exitCode;]]),
  'Said the model.',
  script([[return (await tools.exec({ command: ["touch", "denied.txt"] })).exitCode;]]),
  'Said the model.',
  script([[
await tools.readFile({ path: "poem.txt" });
await tools.exec({ command: ["touch", "pause.txt"] });
]] .. patch('last line', 'last line by the agent')),
  'Said the model.',
  script([[
return await Promise.all([
  tools.exec({ command: ["touch", "one.txt"] }),
  tools.exec({ command: ["touch", "two.txt"] }),
]);]]),
  'Said the model.',
  script([[return (await tools.exec({ command: ["touch", "never.txt"] })).exitCode;]]),
  script([[return tools.spawn.exec({ command: ["sleep", "300"] }).id;]]),
  'Said the model.',
  'Said the model.',
}

-- Stands for the user: answers dialogs by a pattern of the label, in order; without one the dialog stays open.
local answers, asked, dialog = {}, {}, nil
local function choose(wanted)
  for index, item in ipairs(dialog.items) do
    if dialog.options.format_item(item):match(wanted) then return dialog.done(item, index) end
  end
  error('no choice matches ' .. wanted)
end
vim.ui.select = function(items, options, done)
  asked[#asked + 1] = options.prompt
  dialog = { items = items, options = options, done = done }
  local wanted = table.remove(answers, 1)
  if wanted then vim.schedule(function() choose(wanted) end) end
end
vim.ui.input = function(_, done) vim.schedule(function() done('not on my disk') end) end

local function chat_text()
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_get_name(bufnr):match('^glossator://chat/') then return table.concat(t.lines(bufnr), '\n'), bufnr end
  end
  return ''
end

local function in_chat(text) return chat_text():find(text, 1, true) ~= nil end

-- The chat's text is the record of what happened: it is what is shown when a wait fails.
local function story() return { chat = chat_text(), notices = t.notices, asked = asked } end

local turns = 0
local function begin(text)
  turns = turns + 1
  vim.cmd('Glossator ask ' .. text)
end

local function ended(text)
  t.eventually(('turn %d ends (%s)'):format(turns, text), function()
    local _, ends = chat_text():gsub('\n%*%l+[^\n]*%*', '')
    return ends >= turns
  end, story)
end

local function ask(text)
  begin(text)
  ended(text)
end

local function dialogs(name, count)
  t.eventually(name, function() return #asked >= count end, story)
end

local function log_holds(text)
  local files = vim.fs.find(function(name) return name:match('%.jsonl$') end, { path = t.state, type = 'file', limit = 100 })
  return vim.iter(files):any(function(file) return table.concat(vim.fn.readfile(file), '\n'):find(text, 1, true) ~= nil end)
end

-- What `:Glossator ask` with a selection points at, seen on its way to the server.
local function mentions(bufnr, client)
  local session = require('glossator.session')
  local turn, sent = session.turn, nil
  session.turn = function(input) sent = input end
  local saved = t.lines(bufnr)
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, { 'größe 𝄞 x', 'two' })
  vim.cmd('1,2Glossator ask about lines')
  local stop = { line = 1, character = 3 }
  local uri = vim.uri_from_bufnr(bufnr)
  t.equal('a range goes along as a mention', sent, {
    { kind = 'text', text = 'about lines' },
    { kind = 'mention', uri = uri, range = { start = { line = 0, character = 0 }, ['end'] = stop } },
  })
  vim.api.nvim_win_set_cursor(0, { 1, 8 })
  vim.cmd([[execute "normal! vl\<Esc>"]])
  vim.cmd("'<,'>Glossator ask about this")
  local from, to = unpack(({ ['utf-8'] = { 8, 13 }, ['utf-16'] = { 6, 9 }, ['utf-32'] = { 6, 8 } })[client.offset_encoding])
  t.equal('a selection within a line too', { sent[2].range.start.character, sent[2].range['end'].character }, { from, to })
  vim.ui.input = function(_, done) done('what is it?') end
  require('glossator.command').edit_action({ { uri = uri, range = sent[2].range } })
  t.equal('the edit action asks for the words', { sent[1].text, sent[2].uri }, { 'what is it?', uri })
  vim.ui.input = function(_, done) vim.schedule(function() done('not on my disk') end) end
  session.turn = turn
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, saved)
end

local function edits_and_undo(bufnr)
  local saved = t.read('poem.txt')
  vim.api.nvim_buf_set_lines(bufnr, 1, 2, false, { 'an unsaved line' })
  local before = t.lines(bufnr)
  local after = { 'first line', 'a line by the agent', 'last line' }
  local window = vim.api.nvim_get_current_win()
  vim.cmd('Glossator chat')
  t.eventually('the chat opens', function() return #vim.api.nvim_list_wins() == 2 end, story)
  t.equal('the chat does not take the focus', vim.api.nvim_get_current_win(), window)

  ask('please patch the poem')
  t.equal('the edit is in the buffer', t.lines(bufnr), after)
  t.equal('the file on disk is untouched', t.read('poem.txt'), saved)
  t.check('the buffer is still unsaved', vim.bo[bufnr].modified)
  t.equal('the focus has not moved', vim.api.nvim_get_current_win(), window)
  t.check('the chat shows the prompt', in_chat('> please patch the poem'), chat_text())
  t.check('the chat shows the answer', in_chat('Said the model.'), chat_text())
  t.check('the chat shows no script tags', not in_chat('tool-calls'), chat_text())
  local _, chat = chat_text()
  local view = vim.fn.win_findbuf(chat)[1]
  t.equal('the chat window follows', vim.api.nvim_win_get_cursor(view)[1], vim.api.nvim_buf_line_count(chat))
  t.eventually('the log on disk holds the turn', function()
    return log_holds('please patch the poem') and log_holds('turnEnded')
  end, vim.fn.glob(t.state .. '/**', true, true))

  vim.cmd('silent undo')
  t.equal("the editor's own undo takes back the edit and nothing else", t.lines(bufnr), before)
  vim.cmd('silent redo')
  t.equal('redo brings it back', t.lines(bufnr), after)
  vim.cmd('Glossator undo')
  t.eventually(':Glossator undo takes the turn back', function() return vim.deep_equal(t.lines(bufnr), before) end, story)
  t.equal('the file on disk is untouched by undo', t.read('poem.txt'), saved)
  t.eventually('and tells so', function()
    return vim.iter(t.notices):any(function(text) return text:find('were taken back', 1, true) end)
  end, story)
  vim.api.nvim_win_set_cursor(view, { 1, 0 }) -- the user scrolls up in the chat
  return view
end

local function approvals(view)
  answers = { '^Allow once' }
  ask('run a command')
  t.check('an allowed command ran', t.exists('ran.txt'), story())
  t.check('the dialog says what is asked', #asked == 1 and asked[1]:find('Glossator', 1, true), asked)
  t.check('the chat shows the whole command', in_chat('touch ran.txt'), chat_text())
  t.equal('a window scrolled up does not move', vim.api.nvim_win_get_cursor(view)[1], 1)

  answers = { '^Deny and say why' }
  ask('run another command')
  t.check('a denied command did not run', not t.exists('denied.txt'), story())
  t.check('the reason is on record', in_chat('not on my disk'), chat_text())
end

local function typed_in_between(bufnr)
  asked = {}
  begin('patch what is typed over')
  dialogs('a question opens', 1)
  vim.api.nvim_buf_set_lines(bufnr, 2, 3, false, { 'typed by the user' })
  vim.cmd('Glossator approve')
  ended('patch what is typed over')
  t.equal('text typed in mid-turn is kept', t.lines(bufnr)[3], 'typed by the user')
end

local function queue()
  asked = {}
  begin('two at once')
  dialogs('the first of two questions opens', 1)
  vim.wait(300)
  t.equal('the second waits for it', #asked, 1)
  local first = dialog
  choose('^Allow once')
  dialogs('then the second opens', 2)
  first.done(first.items[1], 1)
  t.check('a question is answered once', vim.iter(t.notices):any(function(text) return text:match('answered already') end), t.notices)
  choose('^Allow once')
  ended('two at once')
  t.check('both ran', t.exists('one.txt') and t.exists('two.txt'), story())
end

local function stop()
  local line = require('glossator').statusline
  asked = {}
  begin('one that is stopped')
  dialogs('its question opens', 1)
  t.eventually('the status line tells', function() return line():match('T%-%d+ running, 1 question') end, line())
  vim.cmd('Glossator approve for-ever')
  t.check('a grant that is not offered is no answer', line():match('1 question'), line())
  vim.cmd('Glossator stop')
  ended('one that is stopped')
  t.check('nothing runs any more', not line():match('running') and not line():match('question'), line())
  t.check('nothing was run', not t.exists('never.txt'), story())
  t.check('the chat says so', in_chat('*interrupted'), chat_text())
end

-- A call that outlives its turn: seen, listed and cancelled when the turn is over.
local function task()
  local line = require('glossator').statusline
  asked = {}
  ask('one that goes on')
  t.eventually('the status line counts it', function() return line():match('1 task') end, line)
  vim.cmd('Glossator tasks')
  t.eventually(':Glossator tasks lists it', function()
    return vim.iter(t.notices):any(function(text) return text:match('sleep 300') end)
  end, story)
  vim.cmd('Glossator cancel')
  t.eventually(':Glossator cancel stops it', function() return not line():match('task') end, line)
end

-- Updates that a server may send by mistake, or that a later version sends.
local function odd_updates(client)
  local update = client.handlers['glossator/session/update']
  local function send(params) return pcall(update, nil, params, { client_id = client.id }) end
  local one = { kind = 'itemDelta', stream = 'answer', text = 'once ' }
  local survived = true
  for _, params in ipairs({
    vim.NIL, {}, { sessionId = 'odd' }, { sessionId = 'odd', seq = 1, update = {} },
    { sessionId = 'odd', seq = 2, update = { kind = 'of a later version' } },
    { sessionId = 'odd', seq = 3, update = { kind = 'itemCompleted' } },
    { sessionId = 'odd', seq = 4, update = { kind = 'itemCompleted', item = { kind = 'toolCall' } } },
    { sessionId = 'odd', seq = 5, update = { kind = 'ask' } },
    { sessionId = 'odd', seq = 6, update = { kind = 'turnCompleted' } },
    { sessionId = 'odd', seq = 7, update = one },
    { sessionId = 'odd', seq = 7, update = one },
    { sessionId = 'odd', seq = 10, update = { kind = 'notice', level = 'info', text = 'after the gap' } },
  }) do
    survived = send(params) and survived
  end
  t.check('odd updates do no harm', survived)
  local function chat()
    local bufnr = vim.fn.bufnr('glossator://chat/odd')
    return bufnr > 0 and table.concat(t.lines(bufnr), '\n') or ''
  end
  t.eventually('the chat goes on after a gap', function() return chat():find('after the gap', 1, true) end, chat)
  t.check('a gap in the numbers is told', chat():find('2 updates of this session did not arrive', 1, true), chat())
  t.check('a repeated update is shown once', not chat():find('once once', 1, true), chat())
end

t.main(function()
  t.write('poem.txt', { 'first line', 'a saved line', 'last line' })
  t.start(replies)
  local bufnr, client = t.open('poem.txt')
  local version = vim.tbl_get(client.server_capabilities, 'experimental', 'glossator', 'version')
  t.equal('the server speaks the extension', version, 1)
  t.equal('sub-commands are completed', vim.fn.getcompletion('Glossator st', 'cmdline'), { 'stop' })
  mentions(bufnr, client)
  local view = edits_and_undo(bufnr)
  approvals(view)
  typed_in_between(bufnr)
  queue()
  stop()
  task()
  odd_updates(client)
  t.check('no update was lost', not in_chat('did not arrive'), chat_text())
end)
