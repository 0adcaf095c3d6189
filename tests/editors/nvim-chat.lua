-- The chat in a real Neovim: transcript and prompt as documents of the server; streaming that disturbs nobody; sending,
-- steering, queueing, stopping; drafts that outlive the windows and the server.
local here = vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2))
local t = dofile(here .. '/tap.lua')
local model = dofile(here .. '/nvim-model.lua')

local go = {} -- what the model waits for
local function until_told(name) return function() return go[name] end end

local long = {}
for row = 1, 60 do long[row] = ('Line %d of a long answer.'):format(row) end

-- In the order of the turns below.
local replies = {
  { 'It begins', until_told('streamed'), ' and ends.' },
  { 'I look at', until_told('steered'), ' it.' },
  '<tool-calls>\nreturn (await tools.readFile({ path: "poem.txt" })).text.length;\n</tool-calls>\n',
  'Said after the script.',
  { 'First this', until_told('queued'), '.' },
  'Then that.',
  { table.concat(long, '\n\n'), until_told('never') },
  'Said of what had waited.',
  'Of another session.',
  'More is told.',
  { retry_after = 3 },
  'Said after the wait.',
  { 'One thing', until_told('other'), '.' },
  'Said in the other session.',
  'Of the draft.',
}

local window, bufnr

local function transcript() return (t.transcript()) end

local function prompt()
  return vim.iter(vim.api.nvim_list_wins()):find(function(one) return vim.api.nvim_buf_get_name(vim.api.nvim_win_get_buf(one)):match('/prompt%.md$') ~= nil end)
end

local function view() return vim.fn.win_findbuf(transcript())[1] end

local function prompt_text() return table.concat(t.lines(vim.api.nvim_win_get_buf(prompt())), '\n') end

local function running() return require('glossator').statusline():match('running') ~= nil end

local function idle(name)
  t.eventually(name, function() return not running() end, t.story)
end

-- Writes a prompt below the head of the prompt document.
local function write(text)
  vim.api.nvim_set_current_win(prompt())
  t.keys('Go' .. text .. '<Esc>')
end

local function opens()
  vim.cmd('Glossator chat')
  t.eventually('transcript and prompt open', function() return #vim.api.nvim_list_wins() == 3 and prompt() and view() end, t.story)
  t.equal('the cursor is in the prompt', vim.api.nvim_get_current_win(), prompt())
  for name, buffer in pairs({ transcript = transcript(), prompt = vim.api.nvim_win_get_buf(prompt()) }) do
    local options = vim.bo[buffer]
    t.check(('the %s is in no list, not modified, has no swap file'):format(name), not (options.buflisted or options.modified or options.swapfile))
    t.equal(('the %s is Markdown'):format(name), vim.bo[buffer].filetype, 'markdown')
    t.check(('the server is attached to the %s'):format(name), #vim.lsp.get_clients({ bufnr = buffer, name = 'glossator' }) == 1)
  end
  t.check('the transcript cannot be typed in', not vim.bo[transcript()].modifiable and vim.bo[transcript()].undolevels == -1)
  vim.cmd('Glossator chat')
  t.equal('run in the chat the command hides it', vim.api.nvim_list_wins(), { window })
  vim.cmd('Glossator chat')
  t.eventually('and shows it again', prompt)
  vim.api.nvim_win_close(prompt(), false)
  t.eventually('a window of it that is closed takes the other along', function() return #vim.api.nvim_list_wins() == 1 end)
  vim.cmd('Glossator chat')
  t.eventually('and both come back', prompt)
end

local function streams()
  write('Tell me something')
  t.keys('<CR>')
  t.shows('the answer streams in', 'Tell me something', 'It begins')
  t.eventually('and is taken out of the prompt', function() return not prompt_text():find('Tell me', 1, true) end, prompt_text)
  t.check('while it is written', running(), t.story())
  t.check('the window follows at the end', vim.api.nvim_win_get_cursor(view())[1] == vim.api.nvim_buf_line_count(transcript()))
  t.equal('the cursor is where it was', vim.api.nvim_get_current_win(), prompt())
  go.streamed = true
  t.shows('to its end', 'It begins and ends.')
  idle('and the turn ends')
  t.check('nothing is unsaved', not vim.bo[transcript()].modified and not vim.bo[vim.api.nvim_win_get_buf(prompt())].modified)
  t.keys('u')
  t.eventually('undo in the prompt brings back what was sent', function() return prompt_text():find('Tell me something', 1, true) end, prompt_text)
  t.keys('<C-r>')
  vim.api.nvim_win_set_cursor(view(), { 1, 0 })
end

-- Everything is written anew, the server's comment included, and sent: what is typed next is a prompt again.
local function written_anew()
  vim.api.nvim_set_current_win(prompt())
  local head = t.lines(vim.api.nvim_win_get_buf(prompt()))[1]
  t.keys('ggivery well<Esc>')
  t.check('nothing is typed into the comment', vim.startswith(head, '<!-- ') and t.lines(vim.api.nvim_win_get_buf(prompt()))[1] == head, prompt_text())
  t.check('but below it', vim.list_contains(t.lines(vim.api.nvim_win_get_buf(prompt())), 'very well'), prompt_text())
  t.keys('ggdGiTell me more<Esc><CR>')
  t.shows('a prompt without the comment is sent', 'Tell me more', 'More is told.')
  idle('the turn ends')
  t.eventually('it is taken out of the prompt', function() return not prompt_text():find('Tell me more', 1, true) end, prompt_text)
  t.keys('inothing is lost<Esc>')
  t.check('what is typed next is a line of its own', vim.list_contains(t.lines(vim.api.nvim_win_get_buf(prompt())), 'nothing is lost'), prompt_text())
  t.keys('u')
end

local function steers()
  write('Look at the poem')
  t.keys(':w<CR>')
  t.shows('a prompt is sent by :write', 'Look at the poem', 'I look at')
  t.equal('a window that is scrolled up does not move', vim.api.nvim_win_get_cursor(view())[1], 1)
  write('Only at its length')
  t.keys('<CR>')
  t.eventually('what is sent meanwhile steers', function() return t.log_holds('Only at its length') end, t.story)
  go.steered = true
  t.shows('it is in the transcript', 'Only at its length', 'Said after the script.')
  idle('the turn ends')
  t.check('and the model was told', model.asked():find('Only at its length', 1, true), model.asked())
end

local function queues()
  vim.cmd('Glossator ask Do this')
  t.shows('a turn runs', 'First this')
  write('Do that')
  t.keys('<C-q>')
  t.eventually('a prompt waits', function() return require('glossator').statusline():match('1 queued') end, t.story)
  local listed
  vim.ui.select = function(items, options, done)
    listed = vim.tbl_map(options.format_item, items)
    done(nil, nil)
  end
  vim.cmd('Glossator queue')
  t.eventually(':Glossator queue lists it', function() return listed and listed[1]:find('Do that', 1, true) end, function() return listed end)
  vim.cmd('Glossator queue And drop this')
  t.eventually('another waits', function() return require('glossator').statusline():match('2 queued') end, t.story)
  vim.ui.select = function(items, _, done) done(items[2], 2) end
  vim.cmd('Glossator queue')
  t.eventually('one that is picked is taken out', function() return require('glossator').statusline():match('1 queued') end, t.story)
  t.eventually('and stands in the prompt', function() return prompt_text():find('And drop this', 1, true) end, prompt_text)
  vim.api.nvim_set_current_win(prompt())
  vim.fn.search('And drop this', 'w')
  t.keys('dd')
  go.queued = true
  t.shows('the one that waited is started by itself', 'Then that.')
  idle('and ends')
end

local function stops()
  vim.cmd('Glossator ask Be long')
  t.shows('a long answer comes', 'Line 40 of a long answer.')
  vim.cmd('Glossator queue Wait for that')
  t.eventually('a prompt waits for it', function() return require('glossator').statusline():match('1 queued') end, t.story)
  vim.api.nvim_set_current_win(prompt())
  t.keys('<C-c>')
  idle('it is stopped in mid-stream')
  t.shows('and so it says', 'T-5 · stopped')
  write('half a sentence')
  vim.ui.select = function(items, _, done) done(items[1], 1) end
  vim.cmd('Glossator queue')
  t.shows('what waited is gone on with when the user says so', '> Wait for that', 'Said of what had waited.')
  idle('and ends')
  t.check('what is being written is not sent', prompt_text():find('half a sentence', 1, true), prompt_text())
  vim.api.nvim_set_current_win(prompt())
  t.keys('dd')
end

-- The actions of a turn, on its lines in the transcript.
local function actions()
  vim.api.nvim_set_current_win(view())
  vim.fn.search('^## T-2', 'w')
  local titles
  vim.ui.select = function(items, options, done)
    titles = vim.tbl_map(options.format_item, items)
    done(nil, nil)
  end
  t.keys('a')
  t.eventually('a lists what can be done with a turn', function() return titles and table.concat(titles, '\n'):find('Fork', 1, true) end, function() return titles or t.notices end)
  local before = vim.api.nvim_buf_get_name(transcript())
  vim.ui.select = function(items, options, done)
    for index, item in ipairs(items) do
      if options.format_item(item):find('Fork', 1, true) then return done(item, index) end
    end
  end
  t.keys('a')
  t.eventually('a fork at a turn is gone on with', function() return vim.api.nvim_buf_get_name(vim.api.nvim_win_get_buf(view() or 0)) ~= before end, t.story)
  t.shows('it has the turns up to there', 'Look at the poem')
  vim.ui.select = function(items, options, done)
    for index, item in ipairs(items) do
      if options.format_item(item):find('6 turns', 1, true) then return done(item, index) end
    end
    error('no session with six turns')
  end
  vim.cmd('Glossator sessions')
  t.eventually('and left again', function() return vim.api.nvim_buf_get_name(vim.api.nvim_win_get_buf(view() or 0)) == before end, t.story)
end

-- What stands under the cursor in the transcript is opened beside the chat.
local function links()
  vim.api.nvim_set_current_win(view())
  vim.fn.search('readFile', 'w')
  t.keys('<CR>')
  t.eventually('the output of a call opens', function()
    return vim.api.nvim_get_current_win() == window and table.concat(t.lines(0), '\n'):find('first line', 1, true)
  end, function() return { vim.api.nvim_buf_get_name(0), t.lines(0), t.notices } end)
  t.check('in no window of the chat', view() ~= nil and prompt() ~= nil)
  t.check('and in no list', not vim.bo.buflisted)
  vim.cmd.buffer(bufnr)
end

local function follows()
  local before = vim.api.nvim_buf_get_name(transcript())
  vim.cmd('Glossator new')
  t.eventually('the chat shows the new session', function() return vim.api.nvim_buf_get_name(vim.api.nvim_win_get_buf(view() or 0)) ~= before end, t.story)
  t.check('its windows look as before', vim.wo[view()].winbar ~= '' and vim.wo[prompt()].winbar:find('Enter send', 1, true) and vim.wo[view()].linebreak, { vim.wo[view()].winbar, vim.wo[prompt()].winbar })
  vim.cmd('Glossator ask Another one')
  t.shows('whose turns are in it', 'Of another session.')
  idle('and end')
  vim.ui.select = function(items, options, done)
    for index, item in ipairs(items) do
      if options.format_item(item):find('6 turns', 1, true) then return done(item, index) end
    end
  end
  vim.cmd('Glossator sessions')
  t.eventually('the chat goes back to one that is picked', function() return vim.api.nvim_buf_get_name(transcript()) == before end, t.story)
  t.shows('with its turns', 'Then that.')
end

-- A model that has too much to do: what the turn does until it is asked again.
local function waits()
  vim.cmd('Glossator ask Be patient')
  t.eventually('the status line says that the turn waits, and how long', function() return require('glossator').statusline():match('T%-%d+ waits %d+ s') end, t.story)
  local function head() return vim.api.nvim_eval_statusline(vim.wo[view()].winbar, { winid = view(), use_winbar = true }).str end
  t.eventually('the head of the chat, too; it is counted down', function() return head():match('T%-%d+ waits 1 s') end, head)
  t.shows('then it goes on', 'Said after the wait.')
  idle('and ends')
end

-- A turn begins in a session that the user has left: the chat and the next prompt stay where the user is.
local function elsewhere()
  vim.cmd('Glossator ask One thing')
  t.shows('a turn runs', 'One thing')
  write('Another one')
  t.keys('<C-q>')
  t.eventually('a prompt waits behind it', function() return require('glossator').statusline():match('1 queued') end, t.story)
  vim.ui.select = function(items, _, done) done(items[2], 2) end
  vim.cmd('Glossator delete')
  t.told('a session whose turn runs is not deleted', 'is still running')
  t.check('and is gone on with', running(), t.story())
  local before = vim.api.nvim_buf_get_name(transcript())
  vim.cmd('Glossator new')
  t.eventually('the user goes to a new session', function() return vim.api.nvim_buf_get_name(vim.api.nvim_win_get_buf(view() or 0)) ~= before end, t.story)
  write('half a sentence')
  go.other = true
  t.eventually('the one that waited is started in its session', function() return t.log_holds('Said in the other session.') end, t.story)
  vim.wait(200)
  t.check('the chat stays with the user', vim.api.nvim_buf_get_name(vim.api.nvim_win_get_buf(view())) ~= before and prompt_text():find('half a sentence', 1, true), prompt_text())
  t.keys('ggdG')
end

local function drafts()
  write('Not sent yet')
  vim.cmd('Glossator chat')
  vim.cmd('Glossator chat')
  t.eventually('what was not sent is there when the chat is shown again', function() return prompt() and prompt_text():find('Not sent yet', 1, true) end)
  local id = vim.lsp.get_clients({ name = 'glossator' })[1].id
  t.eventually('the server keeps it once its writer has paused', function()
    local files = vim.fs.find(function(name) return name:match('^draft') end, { path = t.state, type = 'file', limit = 100 })
    return vim.iter(files):any(function(file) return table.concat(vim.fn.readfile(file), '\n'):find('Not sent yet', 1, true) end)
  end)
  vim.uv.kill(t.core(), 'sigkill')
  t.eventually('the server is gone', function() return #vim.lsp.get_clients({ name = 'glossator' }) == 0 end)
  write('written without a server')
  t.eventually('a server that was killed is started again', function()
    local new = vim.lsp.get_clients({ name = 'glossator' })[1]
    return new and new.id ~= id and new.initialized
  end, t.story)
  t.eventually('the draft is still there', function() return prompt() and prompt_text():find('Not sent yet', 1, true) end, prompt_text)
  t.eventually('the server is attached to it', function() return #vim.lsp.get_clients({ bufnr = vim.api.nvim_win_get_buf(prompt()), name = 'glossator' }) == 1 end)
  write('and with one again')
  t.keys('<CR>')
  t.shows('all of it can be sent', 'Not sent yet', 'written without a server', 'and with one again', 'Of the draft.')
end

t.main(function()
  t.write('poem.txt', { 'first line', 'second line' })
  t.start(model.start(replies))
  bufnr = t.open('poem.txt')
  window = vim.api.nvim_get_current_win()
  opens()
  streams()
  steers()
  queues()
  stops()
  actions()
  links()
  follows()
  written_anew()
  waits()
  elsewhere()
  drafts()
end)
