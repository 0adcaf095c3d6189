-- Whole turns in a real Neovim: the agent reads unsaved text and patches it, is refused where the user typed, is stopped, is
-- undone; calls that outlive their turn; updates that are odd or lost.
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
  script([[
await tools.readFile({ path: "poem.txt" });
await tools.exec({ command: ["touch", "pause.txt"] });
]] .. patch('last line', 'last line by the agent')),
  'I could not.',
  script([[return (await tools.exec({ command: ["touch", "never.txt"] })).exitCode;]]),
  script([[return tools.spawn.exec({ command: ["sleep", "300"] }).id;]]),
  'It goes on.',
  script([[return tools.spawn.exec({ command: ["ls", "no-such-file"] }).id;]]),
  'It went on.',
}

local function line() return require('glossator').statusline() end

local turns = 0
local function begin(text)
  turns = turns + 1
  vim.cmd('Glossator ask ' .. text)
end

local function ended()
  t.eventually(('turn %d ends'):format(turns), function() return t.log_holds('"turnEnded"', turns) and not line():match('running') end, t.story)
end

local function asked()
  t.eventually(('turn %d asks'):format(turns), function() return t.float() ~= nil end, t.story)
end

-- What `:Glossator ask` with a selection points at, seen on its way to the server.
local function mentions(bufnr, client)
  local session = require('glossator.session')
  local prompt, sent = session.prompt, nil
  session.prompt = function(input) sent = input end
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
  require('glossator.prompting').edit_action({ { uri = uri, range = sent[2].range } })
  t.equal('the edit action asks for the words', { sent[1].text, sent[2].uri }, { 'what is it?', uri })
  session.prompt = prompt
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, saved)
end

local function edits_and_undo(bufnr)
  local saved = t.read('poem.txt')
  vim.api.nvim_buf_set_lines(bufnr, 1, 2, false, { 'an unsaved line' })
  local before = t.lines(bufnr)
  local after = { 'first line', 'a line by the agent', 'last line' }
  local window = vim.api.nvim_get_current_win()
  begin('please patch the poem')
  ended()
  t.equal('the edit is in the buffer', t.lines(bufnr), after)
  t.equal('the file on disk is untouched', t.read('poem.txt'), saved)
  t.check('the buffer is still unsaved', vim.bo[bufnr].modified)
  t.equal('the focus has not moved', vim.api.nvim_get_current_win(), window)
  t.shows('the chat has opened beside it', '> please patch the poem', 'I will do it.', 'Said the model.', 'poem.txt')
  local _, text = t.transcript()
  t.check('and shows no script tags', not text:find('tool-calls', 1, true), text)
  t.check('the log on disk holds the turn', t.log_holds('Said the model.'))
  vim.cmd('Glossator undo')
  t.eventually(':Glossator undo takes the turn back', function() return vim.deep_equal(t.lines(bufnr), before) end, t.story)
  t.equal('the file on disk is untouched by undo', t.read('poem.txt'), saved)
  t.told('and tells so', 'were taken back')
  vim.cmd('Glossator undo T-77')
  t.told('a turn that there is not is named', 'This session has no T-77')
end

-- An edit that was made for text that has changed since is refused, and the model is told.
local function typed_in_between(bufnr)
  begin('patch what is typed over')
  asked()
  vim.api.nvim_buf_set_lines(bufnr, 2, 3, false, { 'typed by the user' })
  vim.cmd('Glossator approve')
  ended()
  t.equal('text typed in mid-turn is kept', t.lines(bufnr)[3], 'typed by the user')
  t.shows('and that the edit was refused is told', 'I could not.', 'poem.txt')
end

local function stop()
  begin('one that is stopped')
  asked()
  t.eventually('the status line tells', function() return line():match('T%-%d+ running, 1 question') end, line)
  vim.cmd('Glossator stop')
  ended()
  t.check('nothing runs any more', not line():match('running') and not line():match('question'), line())
  t.check('nothing was run', not t.exists('never.txt'), t.story())
  t.shows('the chat says so', 'T-3 · stopped')
end

-- A call that outlives its turn: seen, listed and cancelled when the turn is over.
local function task()
  begin('one that goes on')
  ended()
  t.eventually('the status line counts it', function() return line():match('1 task') end, line)
  vim.cmd('Glossator tasks')
  t.eventually(':Glossator tasks lists it', function() return table.concat(t.lines(0), '\n'):find('sleep 300', 1, true) end, t.story)
  t.keys('q')
  vim.cmd('Glossator cancel')
  t.eventually(':Glossator cancel stops it', function() return not line():match('task') end, line)
  begin('one that ends with an exit code')
  t.told('a task that ends with an exit code is told', 'ls no-such-file', 'exit 2')
  ended()
end

-- Updates that a server may send by mistake, or that a later version sends.
local function odd_updates(client)
  local update = client.handlers['glossator/session/update']
  local function send(params) return pcall(update, nil, params, { client_id = client.id }) end
  local survived = true
  for _, params in ipairs({
    vim.NIL, {}, { sessionId = 'odd' }, { sessionId = 'odd', seq = 1, update = {} },
    { sessionId = 'odd', seq = 2, update = { kind = 'of a later version' } },
    { sessionId = 'odd', seq = 3, update = { kind = 'itemCompleted' } },
    { sessionId = 'odd', seq = 4, update = { kind = 'itemStarted' } },
    { sessionId = 'odd', seq = 5, update = { kind = 'ask' } },
    { sessionId = 'odd', seq = 6, update = { kind = 'askResolved' } },
    { sessionId = 'odd', seq = 7, update = { kind = 'queue' } },
    { sessionId = 'odd', seq = 8, update = { kind = 'turnCompleted' } },
    { sessionId = 'odd', seq = 8, update = { kind = 'notice', level = 'error', text = 'seen twice' } },
  }) do
    survived = send(params) and survived
  end
  t.check('odd updates do no harm', survived)
  t.check('one that was seen is not seen again', not table.concat(t.notices, '\n'):find('seen twice', 1, true), t.notices)
  survived = send({ sessionId = 'odd', seq = 11, update = { kind = 'notice', level = 'error', text = 'after the gap' } })
  t.told('a gap in the numbers is told', '2 updates of this session did not arrive')
  t.check('and what comes behind it is shown', survived and table.concat(t.notices, '\n'):find('after the gap', 1, true), t.notices)
end

t.main(function()
  t.write('poem.txt', { 'first line', 'a saved line', 'last line' })
  t.start(replies)
  local bufnr, client = t.open('poem.txt')
  local version = vim.tbl_get(client.server_capabilities, 'experimental', 'glossator', 'version')
  t.equal('the server speaks the extension', version, 1)
  mentions(bufnr, client)
  edits_and_undo(bufnr)
  typed_in_between(bufnr)
  stop()
  task()
  t.check('no update was lost', not table.concat(t.notices, '\n'):find('did not arrive', 1, true), t.notices)
  odd_updates(client)
end)
