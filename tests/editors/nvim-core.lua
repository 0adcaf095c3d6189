-- The core behind real Neovims: closed in mid-turn and opened again, two on one workspace, a core and a pump that are killed.
-- usage: nvim.sh; TAP on stdout. This Neovim only drives the others, each a process of its own.
local here = vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2))
local t = dofile(here .. '/tap.lua')

local function script(code) return '<tool-calls>\n' .. code .. '\n</tool-calls>\n' end

local function patch(old, new)
  return ('await tools.applyPatch({ patch: `*** Begin Patch\n*** Update File: poem.txt\n@@\n-%s\n+%s\n*** End Patch` });'):format(old, new)
end

-- Commands see the workspace through an overlay; outside of it they meet this test.
local outside = vim.fs.dirname(t.workspace) .. '/'

local function touch(name) return ('await tools.exec({ command: ["touch", "%s"] });'):format(outside .. name) end

-- A command that runs until the test writes `go`.
local function until_told(go, started, ran)
  local line = ('cd %s; touch %s; until [ -e %s ]; do sleep 0.05; done; touch %s'):format(outside, started, go, ran)
  return ('await tools.exec({ command: ["sh", "-c", "%s"] });'):format(line)
end

-- In the order of the turns below.
local replies = {
  script(until_told('go-1', 'started-1', 'ran-1') .. patch('line 2', 'LINE 2') .. touch('asked-1')),
  'Said to who came back.',
  script(until_told('go-2', 'started-2', 'ran-2')),
  'Said to nobody.',
  script(touch('asked-3')),
  'Said to both.',
  'Said to both again.',
  script(patch('line 4', 'LINE 4') .. touch('never')),
  script(touch('asked-6')),
  'Said at last.',
}

-- What a Neovim under test is given before its file is opened, and what it is asked.
local inside = [[
  t = dofile(... .. '/tap.lua')
  picked = nil -- a pattern: what the user picks from a list; without one lists stay open
  vim.ui.select = function(items, options, done)
    local wanted = picked
    for i, item in ipairs(wanted and items or {}) do
      if options.format_item(item):match(wanted) then return vim.schedule(function() done(item, i) end) end
    end
  end
  function chat()
    local all = {}
    for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
      if vim.api.nvim_buf_get_name(bufnr):match('/chat%.md$') then all[#all + 1] = table.concat(t.lines(bufnr), '\n') end
    end
    return table.concat(all, '\n====\n')
  end
  function story()
    local hints = vim.tbl_map(function(one) return one.lnum + 1 end, vim.diagnostic.get(bufnr))
    table.sort(hints)
    return { chat = chat(), notices = t.notices, line = require('glossator').statusline(), lines = t.lines(bufnr), hints = hints }
  end
  t.setup()
  vim.cmd.edit(t.workspace .. '/poem.txt')
  bufnr = vim.api.nvim_get_current_buf()
  -- The user looks at the chat, and goes on where the cursor was.
  function look()
    local window = vim.api.nvim_get_current_win()
    vim.cmd('Glossator chat')
    vim.wait(30000, function() return vim.api.nvim_get_current_win() ~= window end, 10)
    vim.api.nvim_set_current_win(window)
  end
]]

-- Nothing after a wait that failed could work.
local function eventually(name, test, extra)
  if not t.eventually(name, test, extra) then error('stopped there', 0) end
end

local Editor = {}
Editor.__index = Editor

-- A Neovim of its own, with the plugin and the file open.
local function editor()
  local one = setmetatable({ channel = vim.fn.jobstart({ vim.v.progpath, '--headless', '--embed', '-u', 'NONE' }, { rpc = true }) }, Editor)
  t.jobs[#t.jobs + 1] = one.channel
  one:lua(inside, here)
  return one
end

function Editor:lua(code, ...) return vim.rpcrequest(self.channel, 'nvim_exec_lua', code, { ... }) end
function Editor:story() return self:lua('return story()') end
function Editor:cmd(text) vim.rpcrequest(self.channel, 'nvim_command', text) end

function Editor:eventually(name, test)
  eventually(name, function() return test(self:story()) end, function() return self:story() end)
end

function Editor:shows(name, ...)
  local words = { ... }
  self:eventually(name, function(story)
    return vim.iter(words):all(function(word) return story.chat:find(word, 1, true) end)
  end)
end

function Editor:told(name, ...)
  local words = { ... }
  self:eventually(name, function(story)
    return vim.iter(story.notices):any(function(notice)
      return vim.iter(words):all(function(word) return notice:find(word, 1, true) end)
    end)
  end)
end

function Editor:line(name, pattern)
  self:eventually(name, function(story) return story.line:match(pattern) end)
end

-- As a user closes it: unsaved text is given up.
function Editor:close()
  vim.rpcnotify(self.channel, 'nvim_command', 'qa!')
  t.equal('Neovim ends', vim.fn.jobwait({ self.channel }, 30000)[1], 0)
end

local function is_there(name) return vim.uv.fs_stat(outside .. name) ~= nil end

local function exists(name)
  eventually(name .. ' is there', function() return is_there(name) end)
end

local function ends(count) return t.log_holds('"turnEnded"', count) end

local function paused()
  local first = editor()
  first:cmd('Glossator ask patch the poem')
  first:line('the first turn asks', 'T%-1 running, 1 question')
  first:cmd('Glossator approve')
  exists('started-1')
  first:close()
  vim.fn.writefile({}, outside .. 'go-1')
  exists('ran-1')
  vim.wait(700) -- longer than a pause that nobody is told of
  t.check('the turn waits for an editor', not ends(1) and t.read('poem.txt')[2] == 'line 2', t.read('poem.txt'))

  local second = editor()
  second:told('the next Neovim goes on with it', 'goes on with', 'T-1 is running')
  second:lua('look()')
  second:shows('and shows what there was', '## T-1', '> patch the poem', 'exec')
  second:line('and what it asks', 'T%-1 running, 1 question')
  t.equal('the edit is in its buffer', second:story().lines[2], 'LINE 2')
  t.equal('and not on the disk', t.read('poem.txt')[2], 'line 2')
  second:shows('the pause is told', 'The editor was closed; the turn waited')
  second:cmd('Glossator approve')
  second:shows('the turn goes on to its end', 'Said to who came back.', 'T-1 · done')
  exists('asked-1')
  second:cmd('Glossator keep all')
  second:cmd('silent write')
  return second
end

local function finished(second)
  t.settings('on_disconnect = "finish"')
  second:cmd('Glossator ask do the rest alone')
  second:line('the second turn asks, in the same session', 'T%-2 running, 1 question')
  second:cmd('Glossator approve')
  exists('started-2')
  second:close()
  vim.fn.writefile({}, outside .. 'go-2')
  exists('ran-2')
  eventually('the turn ends without an editor', function() return ends(2) end)
  t.settings()

  local third = editor()
  third:lua([[picked = 'patch the poem'; look()]])
  third:cmd('Glossator sessions')
  third:shows('its session is gone on with', 'Said to who came back.', 'Said to nobody.')
  return third
end

local function two(one)
  one:cmd('Glossator ask both of us')
  one:line('the third turn asks', 'T%-3 running, 1 question')
  local other = editor()
  other:line('another Neovim is asked, too', 'T%-3 running, 1 question')
  other:lua('look()')
  other:shows('and shows the turns before', 'Said to nobody.', '> both of us')
  other:cmd('Glossator approve')
  exists('asked-3')
  for name, each in pairs({ one = one, ['the other'] = other }) do
    each:shows(name .. ' shows the answer to the question and that of the model', 'T-3 · done', 'Said to both.')
    each:line(name .. ' shows that nothing runs', '^Glossator, %d+ in')
  end
  one:cmd('Glossator ask once more')
  other:shows('the next turn is shown in both', '> once more', 'Said to both again.')
  return other
end

local function core_killed(one, other)
  one:line('the fourth turn has ended', '^Glossator, %d+ in')
  one:cmd('Glossator ask patch and ask')
  one:line('the fifth turn asks', 'T%-5 running, 1 question')
  one:eventually('behind an edit', function(story) return story.lines[4] == 'LINE 4' and vim.deep_equal(story.hints, { 4 }) end)
  eventually('which stands in the log once it was open for a second', function() return t.log_holds('"asked"') end)
  local core = t.core()
  vim.uv.kill(core, 'sigkill')
  one:told('a killed core is told', 'the server ended')
  other:told('in both', 'the server ended')
  other:close()

  one:told('another is started', 'goes on with', 'T-5 was interrupted', 'Nobody answered', 'One hunk waits')
  t.check('which is another process', t.core() ~= core)
  one:eventually('the hunk is still there', function(story) return story.lines[4] == 'LINE 4' and vim.deep_equal(story.hints, { 4 }) end)
  one:shows('the turn is shown as it was left', '> patch and ask', 'T-5 · stopped')
  t.check('nothing was run', not is_there('never'))
  one:cmd('4')
  one:cmd('Glossator reject')
  one:eventually('the hunk can be rejected', function(story) return story.lines[4] == 'line 4' end)
end

local function pump_killed(one)
  one:cmd('Glossator ask for the last time')
  one:line('the sixth turn asks, in the same session', 'T%-6 running, 1 question')
  local core = t.core()
  one:lua([[
    for _, pid in ipairs(vim.api.nvim_get_proc_children(vim.fn.getpid())) do vim.uv.kill(pid, 'sigkill') end
    t.notices = {}
  ]])
  one:told('a killed pump is told', 'the server ended')
  one:told('the turn goes on meanwhile', 'goes on with', 'T-6 is running')
  one:line('its question is open again', 'T%-6 running, 1 question')
  t.equal('in the same core', t.core(), core)
  one:cmd('Glossator approve')
  one:shows('and its answer ends the turn', 'Said at last.')
  exists('asked-6')
  one:close()
end

t.main(function()
  t.write('poem.txt', { 'line 1', 'line 2', 'line 3', 'line 4' })
  t.world(replies)
  local one = finished(paused())
  core_killed(one, two(one))
  pump_killed(one)
end)
