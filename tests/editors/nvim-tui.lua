-- Neovim as a user sees it: a real terminal (tmux), typed keys, what is on the screen. Every flow once, from the first prompt
-- to a core that was killed. GLOSSATOR_ACCEPT=1 writes the screens to docs/screens.
local here = vim.fs.dirname(vim.fs.normalize(debug.getinfo(1, 'S').source:sub(2)))
local t = dofile(here .. '/tap.lua')
local model = dofile(here .. '/nvim-model.lua')
local screen = dofile(here .. '/nvim-screen.lua')

local dir = vim.fs.dirname(t.workspace)
local screens = vim.fs.normalize(here .. '/../../docs/screens')

local go = {} -- what the model waits for
local function until_told(name) return function() return go[name] end end

local function script(code) return '<tool-calls>\n' .. code .. '\n</tool-calls>\n' end

local function patch(...)
  local chunks = vim.iter({ ... }):map(function(lines) return '@@\n' .. table.concat(lines, '\n') .. '\n' end):join('')
  return 'await tools.applyPatch({ patch: `*** Begin Patch\n*** Update File: poem.txt\n' .. chunks .. '*** End Patch` });'
end

local function exec(command) return ('return (await tools.exec({ command: ["sh", "-c", "%s"] })).exitCode;'):format(command) end

local tick = {}
for row = 1, 80 do tick[row] = ('Tick %d.'):format(row) end

-- In the order of the turns below.
local replies = {
  'Hello.',
  -- chat turn with a script, unsaved text seen, hunks
  'I read the poem first.\n\n' .. script('const poem = await tools.readFile({ path: "poem.txt" });\n'
    .. 'if (!poem.text.includes("typed")) throw new Error("unsaved text is not seen");\n' .. patch({ '-the bell', '+The bell' }, { '-and the clock', '+and the tall clock' }, { '-far away', '+far away, at twelve' })),
  'Three lines are changed; your unsaved words are kept.',
  -- undo of a turn
  script(patch({ '-a quiet line', '+a loud line' })), 'One line is loud.',
  -- approvals
  { until_told('typing'), script(exec('echo ran > ran.txt')) }, 'It ran.',
  script(exec('echo no > denied.txt')), 'Then not.',
  script(exec('echo action > action.txt')), 'It ran by the action.',
  -- steer
  { 'I begin slowly', until_told('steer'), ', and go on.' },
  script('return 1;'),
  'As you said: in verse.',
  -- stale edit
  script('await tools.readFile({ path: "poem.txt" });\nawait tools.exec({ command: ["sh", "-c", "true > pause.txt"] });\n' .. patch({ '-a quiet line', '+a loud line' })),
  'The line had changed; I left it alone.',
  -- stop in mid-stream
  { table.concat(tick, '\n\n'), pace = 25 },
  -- closed in mid-turn
  script(exec('true > asked.txt')), 'Said to who came back.',
  -- core killed
  script(exec('true > never.txt')),
  'Said after the restart.',
}

local text, key, on, command, escape = screen.type, screen.key, screen.has, screen.command, screen.escape

-- Nothing behind a screen that did not come could work.
local function shows(name, ...)
  local words = { ... }
  if not t.eventually(name, function() return on(unpack(words)) end, screen.lines) then error('stopped there', 0) end
end

local function gone(name, words)
  t.eventually(name, function() return not on(words) end, screen.lines)
end

local function idle()
  t.eventually('nothing runs', function() return not screen.text():match('Glossator T%-%d+ running') end, screen.lines)
end

-- What is asked while a turn runs would be added to it.
local function ask(words)
  idle()
  command('Glossator ask ' .. words)
end

-- Keeps what is on the screen, without what differs from run to run.
local function keep(name)
  if vim.env.GLOSSATOR_ACCEPT ~= '1' then return end
  local lines = {}
  for _, line in ipairs(screen.lines()) do
    -- What is as wide as before keeps its frame.
    line = line:gsub(vim.pesc(t.workspace) .. '( *)', function(blanks) return '/project' .. (blanks ~= '' and blanks .. (' '):rep(#t.workspace - 8) or '') end)
    line = line:gsub(vim.pesc(dir), '/'):gsub('%x%x%x%x%x%x%x%x%-%x%x%x%x%-[%x%-]+', '01997c5e-…')
    lines[#lines + 1] = (line:gsub('%s+$', ''))
  end
  while lines[#lines] == '' do lines[#lines] = nil end
  vim.fn.mkdir(screens, 'p')
  vim.fn.writefile(lines, ('%s/neovim-%s.txt'):format(screens, name))
end

-- A formatter as another server has it: no blanks at the ends of lines. Then the plugin.
local init = [[
vim.o.swapfile, vim.o.hidden, vim.o.laststatus, vim.o.number = false, true, 2, true
vim.o.statusline = "%%f%%m %%=%%{v:lua.require'glossator'.statusline()} "
local t = dofile(%q .. '/tap.lua')
vim.api.nvim_create_autocmd('BufReadPost', { pattern = 'poem.txt', callback = function(event)
  local function format()
    local lines = vim.tbl_map(function(line) return (line:gsub('%%s+$', '')) end, t.lines(event.buf))
    return { { range = { start = { line = 0, character = 0 }, ['end'] = { line = #lines, character = 0 } }, newText = table.concat(lines, '\n') .. '\n' } }
  end
  t.other_server('formatter', { documentFormattingProvider = true, textDocumentSync = 1 }, { ['textDocument/formatting'] = format }, event.buf)
  vim.api.nvim_create_autocmd('BufWritePre', { buffer = event.buf, callback = function() vim.lsp.buf.format({ name = 'formatter', timeout_ms = 20000 }) end })
end })
vim.opt.runtimepath:append(%q)
require('glossator').setup({ cmd = { vim.env.GLOSSATOR_BIN, 'lsp' }, ask_delay = 300, chat = { size = 0.5 } })
]]

local function start(...)
  vim.fn.writefile(vim.split(init:format(here, vim.fs.normalize(here .. '/../../editors/neovim')), '\n'), dir .. '/init.lua')
  screen.start({ columns = 130, lines = 40 }, t.workspace, '-u', dir .. '/init.lua', 'poem.txt')
  shows('Neovim is on the screen', ...)
end

local function closed(name)
  t.eventually(name, function() return not screen.is_open() end)
end

-- Nothing is set up: a prompt says what to do, and goes on without a restart.
local function first_run(settings)
  shows('without a model it says what to do', ':Glossator login', 'odel')
  t.check('in one line', not on('Press ENTER'), screen.lines())
  keep('first-run')
  ask('hi') -- a word that is part of the server's comment, too
  t.eventually('a prompt is kept', function() return screen.text():match('│hi *\n') end, screen.lines)
  t.check('and no key is wanted', not on('Press ENTER'), screen.lines())
  vim.fn.writefile(settings, vim.env.GLOSSATOR_CONFIG_DIR .. '/settings.toml')
  ask('hello again')
  shows('with one it goes on', '> hello again', 'Hello.')
  command('Glossator new')
  shows('in a session of its own', 'Nothing was said yet')
  command('Glossator chat')
  command('Glossator chat')
  gone('which can be hidden', 'Enter send')
end

local function chat_turn()
  text('GA, typed')
  escape()
  command('Glossator chat')
  shows('the chat opens, with what its keys do', 'Nothing was said yet', 'Enter send')
  text('i/')
  shows('/ completes commands', '/compact')
  text('comp')
  t.eventually('as it is typed', function() return on('/compact') and not on('/usage') end, screen.lines)
  escape()
  text('cc')
  text('Change three lines of @')
  t.eventually('@ completes files', function() return screen.text():match('poem%.txt[^\n]*open') end, screen.lines)
  text('po')
  shows('as they are typed', 'Change three lines of @po')
  t.eventually('the others leave', function() return screen.text():match('poem%.txt[^\n]*open') and not on('diagnostics') end, screen.lines)
  keep('completion')
  key('C-n')
  shows('a key takes one', '@poem.txt')
  text(' please')
  escape()
  shows('and what is typed behind it stays', '@poem.txt please')
  key('Enter')
  shows('the answer stands in the transcript', '> Change three lines of @poem.txt please', 'I read the poem first.', 'Three lines are changed')
  shows('the hunks are in the file, with what was there before', 'The bell', 'the bell', 'and the tall clock', 'far away, at twelve', '3 hunks')
  keep('chat')
  key('C-w', 'h')
end

local function hunks()
  text('gg\\ak')
  shows('one is kept', '2 hunks')
  text(']h\\ar')
  shows('one rejected', '1 hunk')
  gone('and so taken back', 'tall clock')
  text(']hA, and one  ')
  escape()
  shows('typing amends the third', 'far away, at twelve, and one')
  keep('hunks')
  command('w')
  t.eventually('a formatter runs while it is saved', function() return vim.list_contains(t.read('poem.txt'), 'far away, at twelve, and one') end, function() return t.read('poem.txt') end)
  shows('the hunk waits on', '1 hunk')
  command('Glossator keep all')
  gone('until it is kept', '1 hunk')
  ask('make a line loud')
  shows('another turn edits', 'a loud line', 'One line is loud.')
  idle()
  command('Glossator undo')
  shows('and is taken back', 'a quiet line')
  gone('whole', ' a loud line')
end

local function approvals()
  ask('run something')
  text('ggO')
  shows('the user types', '-- INSERT --')
  go.typing = true
  shows('a question waits meanwhile', '1 question', '-- INSERT --')
  vim.wait(600) -- longer than `ask_delay`
  t.check('and opens nothing', not on('to answer'), screen.lines())
  escape()
  text('u')
  shows('once typing has ended it opens, and says how to answer', "$ sh -c 'echo ran > ran.txt'", '\\aq to answer')
  keep('approval')
  text('\\aq')
  shows('with the cursor in it the keys are named', 'y allow, s for the session, n deny')
  text('y')
  shows('y allows', 'It ran.')
  t.check('it has run', t.exists('ran.txt') or on('ran.txt'))

  ask('run something else')
  shows('another question opens', 'denied.txt', 'to answer')
  text('\\aqd')
  shows('d asks for the reason', 'Why not?')
  text('not today')
  key('Enter')
  shows('which is in the transcript', 'Then not.', 'not today')

  ask('run one more')
  shows('a third opens', 'action.txt', 'to answer')
  command('lua vim.lsp.buf.code_action()')
  shows('the code actions have it, too', 'Glossator: Allow', 'Type number')
  keep('actions')
  local number
  for _, line in ipairs(screen.lines()) do number = number or line:match('(%d+): .*Glossator: Allow ') end
  text(number or '1')
  key('Enter')
  shows('one of them allows', 'It ran by the action.')
end

local function steer()
  ask('tell me slowly')
  shows('a turn runs', 'I begin slowly', 'running')
  command('Glossator chat')
  text('iIn verse, please')
  escape()
  key('Enter')
  t.eventually('what is sent meanwhile steers', function() return t.log_holds('In verse, please') end, screen.lines)
  go.steer = true
  shows('the model goes on with it', '> In verse, please', 'As you said: in verse.')
  keep('steering')
  key('C-w', 'h')
end

local function stale()
  ask('make it loud again')
  shows('it asks in between', 'pause.txt')
  text('gg/quiet')
  key('Enter')
  text('ccthe line of the user')
  escape()
  command('Glossator approve')
  shows('an edit of what was typed over is refused', 'The line had changed', 'the line of the user')
  gone('and leaves it alone', ' a loud line')
end

local function stop()
  ask('tick')
  t.eventually('an answer streams', function() return screen.text():match('Tick %d') end, screen.lines)
  command('Glossator stop')
  shows('and is stopped', 'T-8 was stopped')
  gone('before its end', 'Tick 80.')
end

local function reopened()
  ask('and ask')
  shows('a turn asks', 'asked.txt')
  command('qa!')
  closed('Neovim is closed in mid-turn')
  start('poem.txt')
  shows('the next one is asked again', "$ sh -c 'true > asked.txt'", '1 question')
  text('\\aqy')
  command('Glossator chat')
  shows('and goes on', 'Said to who came back.')
  key('C-w', 'h')
end

local function core_killed()
  ask('the last but one')
  shows('a turn asks', 'never.txt')
  vim.uv.kill(t.core(), 'sigkill')
  shows('a core that is killed is started again, the session gone on with', 'T-10 was interrupted', '## T-10 · stopped')
  t.check('nothing was run', not t.exists('never.txt'))
  ask('the last')
  shows('in the same chat', '## T-10 · stopped', 'Said after the restart.')
  command('qa!')
  closed('Neovim ends')
end

t.main(function()
  t.write('poem.txt', { 'the bell', 'a quiet line', 'and the clock', 'in between', 'far away', 'strikes' })
  t.world(model.start(replies))
  local file = vim.env.GLOSSATOR_CONFIG_DIR .. '/settings.toml'
  local settings = vim.fn.readfile(file)
  vim.fn.delete(file)
  local ok, why = pcall(function()
    start('a quiet line')
    first_run(settings)
    chat_turn()
    hunks()
    approvals()
    steer()
    stale()
    stop()
    reopened()
    core_killed()
  end)
  screen.stop()
  if not ok then t.check('the flows ran to their end', false, why) end
end)
