-- What waits for the user in a real Neovim: approvals in a floating window, answered by every road; reasons; single hunks;
-- questions of the model. Nothing takes the focus, and what is closed is no answer.
local t = dofile(vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/tap.lua')

local function script(code) return '<tool-calls>\n' .. code .. '\n</tool-calls>\n' end
local function touch(name) return ('(await tools.exec({ command: ["touch", "%s"] })).exitCode'):format(name) end
local function run(name) return script('return ' .. touch(name) .. ';') end

local function patch(...)
  local chunks = vim.iter({ ... }):map(function(lines) return '@@\n' .. table.concat(lines, '\n') .. '\n' end):join('')
  return script('return await tools.applyPatch({ patch: `*** Begin Patch\n*** Update File: poem.txt\n' .. chunks .. '*** End Patch` });')
end

local question_of_the_model = script('return (await tools.askUser({ question: "Which name?", options: ["walk", "visit"] })).answer;')

-- In the order of the turns below.
local replies = {
  run('one.txt'), 'Said the model.',
  run('two.txt'), 'Said the model.',
  run('three.txt'), 'Said the model.',
  script([[return await Promise.all(["a.txt", "b.txt", "c.txt"].map((name) => tools.exec({ command: ["touch", name] })));]]),
  'Said the model.',
  run('gone.txt'),
  run('five.txt'), 'Said the model.',
  run('six.txt'),
  run('seven.txt'), 'Said the model.',
  run('eight.txt'), 'Said the model.',
  script('return (await tools.askUser({ question: "Which name?", options: ["bell", "clock"] })).answer;'), 'Said the model.',
  run('ten.txt'), 'Said the model.',
  run('eleven.txt'), 'Said the model.',
  question_of_the_model, 'As you said.', question_of_the_model, 'As you said.', question_of_the_model, 'As you said.',
  patch({ '-line 2', '+LINE 2' }, { '-line 5', '+LINE 5' }, { '-line 8', '+LINE 8' }), 'Said the model.',
}

local window

local function status() return require('glossator').statusline() end
local function is_asked(count) return status():match(('%d question'):format(count)) ~= nil end

local turns = 0
local function ask()
  turns = turns + 1
  vim.cmd('Glossator ask number ' .. turns)
end

local function ended()
  t.eventually(('turn %d ends'):format(turns), function() return t.log_holds('"turnEnded"', turns) and not status():match('running') end, t.story)
  t.check('and nothing is shown any more', t.float() == nil, t.story())
end

-- Begins a turn and waits until its question is shown.
local function asked(name)
  ask()
  t.eventually(name or ('turn %d asks'):format(turns), function() return t.float() ~= nil end, t.story)
  t.equal('the focus stays where it was', vim.api.nvim_get_current_win(), window)
  return t.float() or {}
end

local function focus()
  vim.cmd('Glossator answer')
  t.check(':Glossator answer gives it the focus', t.float() and vim.api.nvim_get_current_win() == t.float().window, t.story())
end

local function allow_and_deny()
  local float = asked('an approval opens')
  t.check('it shows the whole command', float.text:find('$ touch one.txt', 1, true), float)
  t.check('and where it runs', float.text:find('# in ' .. t.workspace, 1, true), float)
  t.check('says how to answer', float.footer:find('aq to answer', 1, true), float)
  focus()
  t.check('and then which keys do what', t.float().footer:find('y allow, s for the session, n deny', 1, true), t.float())
  t.keys('y')
  ended()
  t.check('y allows', t.exists('one.txt'))
  t.equal('and the focus goes back', vim.api.nvim_get_current_win(), window)

  asked()
  focus()
  t.keys('n')
  ended()
  t.check('n denies', not t.exists('two.txt'))

  asked()
  focus()
  vim.ui.input = function(_, done) done('not on my disk') end
  t.keys('d')
  ended()
  t.check('d denies', not t.exists('three.txt'))
  t.check('with a reason, which is on record', t.log_holds('not on my disk'))
end

local function several()
  local float = asked('of three approvals one opens')
  t.eventually('all three wait', function() return is_asked(3) end, t.story)
  focus()
  t.eventually('their number is told', function() return t.float().title:match('^ 1 of 3: ') end, t.float)
  local now = vim.uv.now
  local at = now()
  vim.uv.now = function() return at end
  t.keys('y')
  t.eventually('behind the first the next has the focus', function()
    return t.float() and t.float().window ~= float.window and vim.api.nvim_get_current_win() == t.float().window
  end, t.story)
  t.keys('yyy')
  for _, millis in ipairs({ 660, 40, 110, 40 }) do -- as a keyboard repeats
    at = at + millis
    t.keys('y')
  end
  vim.uv.now = now
  t.equal('a key that is held down answers only what was seen', require('glossator.asks').count(), 2)
  t.keys('q')
  t.equal('q gives the focus back', vim.api.nvim_get_current_win(), window)
  t.told('what is closed waits', 'the question waits')
  t.eventually('the one behind it opens', function() return t.float() ~= nil end, t.story)
  vim.api.nvim_win_close(t.float().window, true)
  vim.wait(300)
  t.check('what was closed does not open again by itself', t.float() == nil and is_asked(2), t.story())
  local titles
  vim.ui.select = function(items, options, done)
    titles = vim.tbl_map(options.format_item, items)
    done(items[2], 2)
  end
  vim.cmd('Glossator approve')
  t.equal('of two that wait one is picked', #titles, 2)
  vim.cmd('Glossator approve forever')
  t.eventually('a grant that is not offered is no answer', function() return is_asked(1) end, t.story)
  vim.cmd('Glossator deny that is enough')
  ended()
  t.equal('two of the three ran', #vim.tbl_filter(t.exists, { 'a.txt', 'b.txt', 'c.txt' }), 2)
end

-- A question that goes while the user is in it takes no key with it into the text.
local function withdrawn(bufnr)
  asked()
  focus()
  local before = t.lines(bufnr)
  -- How long the window stays is the user's pace, not this machine's.
  local later, gone = vim.defer_fn, nil
  vim.defer_fn = function(act, millis)
    if millis == 700 then gone = act else return later(act, millis) end
  end
  local session = require('glossator.session').visible()
  require('glossator.client').request(vim.lsp.get_clients({ name = 'glossator' })[1], 'glossator/turn/interrupt', { sessionId = session.id })
  t.eventually('the turn is stopped', function() return not status():match('running') end, t.story)
  t.keys('dduse another way')
  t.equal('what was typed for it changes nothing', t.lines(bufnr), before)
  vim.defer_fn = later
  gone()
  t.eventually('then its window is gone, and the focus back', function() return vim.api.nvim_get_current_win() == window end, t.story)
end

local function for_the_session()
  asked()
  focus()
  t.keys('s')
  ended()
  ask()
  t.eventually('what is allowed for the session does not hold for another command', function() return t.float() ~= nil end, t.story)
  vim.cmd('Glossator stop')
  ended()
  t.check('a turn that is stopped takes its question along', not t.exists('six.txt') and not status():match('question'))
end

-- The code actions in an open file, and the command of the server, as a plain client has them.
local function other_roads(client)
  asked()
  vim.ui.select = function(items, options, done)
    for index, item in ipairs(items) do
      if options.format_item(item):find('Glossator: Allow —', 1, true) then return done(item, index) end
    end
    done(nil, nil)
  end
  vim.lsp.buf.code_action()
  ended()
  t.check('the code action allows', t.exists('seven.txt'))
  asked()
  require('glossator.client').execute(client, 'deny', { { message = 'by the command' } })
  ended()
  t.check('the command denies', not t.exists('eight.txt') and t.log_holds('by the command'))
end

-- A question that the model asks by itself, through the server.
local function asked_by_the_model()
  local float = asked('a question of the model opens in its turn')
  t.equal('with its options, too', float.text, 'Which name?\n1. bell\n2. clock')
  vim.cmd('Glossator answer a third name')
  ended()
  t.check('the answer reaches the model', t.log_holds('"answer":"a third name"'))
end

-- The prompt document: a line of it is an answer.
local function by_the_prompt()
  local function prompt()
    return vim.iter(vim.api.nvim_list_wins()):find(function(one) return vim.api.nvim_buf_get_name(vim.api.nvim_win_get_buf(one)):match('/prompt%.md$') ~= nil end)
  end
  local function text() return table.concat(t.lines(vim.api.nvim_win_get_buf(prompt())), '\n') end
  vim.cmd('Glossator chat')
  t.eventually('the prompt is open', prompt, t.story)
  for _, row in ipairs({ { 'allow %s', 'ten.txt', true }, { 'deny %s: not from a document', 'eleven.txt', false } }) do
    vim.api.nvim_set_current_win(window)
    ask()
    t.eventually('the question stands in the prompt', function() return text():match('allow A%d+') end, text)
    local id = text():match('allow (A%d+)')
    vim.api.nvim_set_current_win(prompt())
    t.keys('Go' .. row[1]:format(id) .. '<Esc><CR>')
    ended()
    t.equal(('a line "%s" answers it'):format(row[1]), t.exists(row[2]), row[3])
  end
  t.check('with the reason', t.log_holds('not from a document'))
  vim.cmd('Glossator chat')
  t.equal('the chat is hidden again', vim.api.nvim_get_current_win(), window)
end

local function single_hunks(bufnr)
  vim.cmd('Glossator restart')
  local float = asked('an edit is asked for')
  t.check('it shows the diff', float.text:find('+LINE 2', 1, true) and vim.bo[float.bufnr].filetype == 'diff', float)
  focus()
  t.keys('h')
  float = t.float()
  t.check('h lists its hunks', float.text:find('@@ [x] 1  poem.txt:2 @@\n-line 2\n+LINE 2\n@@ [x] 2  poem.txt:5 @@', 1, true), float)
  t.keys('4G<Space>')
  t.check('Space takes one out', t.float().text:find('@@ [ ] 2', 1, true), t.float())
  t.keys('h')
  t.check('h goes back', t.float().text:find('+++ b/poem.txt', 1, true), t.float())
  t.keys('h5G<Space>')
  t.check('a line of the hunk does, too', t.float().text:find('@@ [ ] 2', 1, true), t.float())
  t.keys('<CR>')
  ended()
  local lines = t.lines(bufnr)
  t.equal('the others are made', { lines[2], lines[5], lines[8] }, { 'LINE 2', 'line 5', 'LINE 8' })
end

-- A question of the tool `askUser`, answered by each road of this editor.
local function asked_by_the_tool()
  local float = asked('a question of the agent opens')
  t.equal('with its options', float.text, 'Which name?\n1. walk\n2. visit')
  vim.ui.select = function(items, _, done) done(items[2], 2) end
  focus()
  ended()
  t.check('one of them is the answer', t.log_holds('"visit"') or t.log_holds('visit'), t.story())
  asked('it asks again')
  vim.cmd('Glossator answer stroll, in English')
  ended()
  t.check(':Glossator answer takes words', t.log_holds('stroll, in English'))
  asked('it asks once more')
  require('glossator.client').execute(vim.lsp.get_clients({ name = 'glossator' })[1], 'answer', { 'by the command of the server' })
  ended()
  t.check('the command of the server, too', t.log_holds('by the command of the server'))
end

local function question(client, options)
  return t.request(client, 'glossator/input/ask', { sessionId = 's', turnId = 'T-1', askId = 'Q1', question = 'Which name?', options = options })
end

local function questions(client)
  local box = question(client, { 'bell', 'clock' })
  t.eventually('a question of the model opens', function() return t.float() ~= nil end, t.story)
  t.equal('with its options', t.float().text, 'Which name?\n1. bell\n2. clock')
  t.equal('without the focus', vim.api.nvim_get_current_win(), window)
  local labels
  vim.ui.select = function(items, settings, done)
    labels = vim.tbl_map(settings.format_item, items)
    done(nil, nil)
  end
  vim.cmd('Glossator answer')
  t.eventually(':Glossator answer lets one be picked', function() return labels end)
  t.equal('or something else', labels, { 'bell', 'clock', 'Something else...' })
  t.check('a dialog that is closed is no answer', not box.done)
  vim.ui.select = function(items, _, done) done(items[2], 2) end
  vim.cmd('Glossator answer')
  t.eventually('one that is picked is', function() return box.done end)
  t.equal('and goes to the server', box.result, { answer = 'clock' })
  t.equal('the window is closed, the focus where it was', { t.float(), vim.api.nvim_get_current_win() }, { nil, window })

  box = question(client, {})
  vim.cmd('Glossator answer a name of mine')
  t.eventually('words are an answer', function() return box.done end)
  t.equal('as they are', box.result, { answer = 'a name of mine' })
  box = question(client, {})
  require('glossator.asks').resolved('Q1', {})
  t.equal('one that was answered elsewhere is dropped', box.result, vim.NIL)
  require('glossator').config.ask_focus = true
  local now = vim.uv.now
  local at = now()
  vim.uv.now = function() return at end
  local ask = { id = 'A1', title = 'May it?', subject = { kind = 'of a later version' } }
  box = t.request(client, 'glossator/approval/ask', { sessionId = 's', turnId = 'T-1', ask = ask })
  t.eventually('with ask_focus a question takes the focus', function() return t.float() and vim.api.nvim_get_current_win() == t.float().window end, t.story)
  t.keys('y')
  t.check('a key that was meant for the text answers nothing', not box.done)
  at = at + 900
  t.keys('s')
  t.check('nor does what is not offered', not box.done)
  t.keys('y')
  t.eventually('a later one does', function() return box.done end)
  t.equal('as it says', box.result, { decision = 'allow', grant = 'once' })
  vim.uv.now = now
  require('glossator').config.ask_focus = false
  for _, params in ipairs({ vim.NIL, {}, { question = 7 } }) do
    t.check('a malformed request is an error', t.request(client, 'glossator/input/ask', params).error ~= nil)
  end
  t.check('of approvals, too', t.request(client, 'glossator/approval/ask', { ask = 'x' }).error ~= nil)
end

t.main(function()
  local lines = {}
  for row = 1, 9 do lines[row] = 'line ' .. row end
  t.write('poem.txt', lines)
  t.start(replies, { chat = { open_on_ask = false } })
  local bufnr, client = t.open('poem.txt')
  window = vim.api.nvim_get_current_win()
  allow_and_deny()
  several()
  withdrawn(bufnr)
  for_the_session()
  other_roads(client)
  asked_by_the_model()
  by_the_prompt()
  asked_by_the_tool()
  questions(client)
  t.settings('[edits]\nreview = "before"')
  single_hunks(bufnr)
end)
