-- What is said in a real terminal, as wide and narrow as users have it: no message ever waits for a key or comes under the
-- user's fingers, and the whole of it can be read. No server is needed.
local here = vim.fs.dirname(vim.fs.normalize(debug.getinfo(1, 'S').source:sub(2)))
local t = dofile(here .. '/tap.lua')
local screen = dofile(here .. '/nvim-screen.lua')

local init = [[
vim.o.swapfile, vim.o.laststatus, vim.g.said = false, 2, 0
vim.o.statusline = 'said %%{g:said}'
vim.opt.runtimepath:append(%q)
require('glossator').setup({ filetypes = {} })
function notify(...) require('glossator.client').notify(...) end
-- Says something a number of times.
function say(text, level, times)
  vim.schedule(function()
    for time = 1, times or 1 do notify(text, vim.log.levels[level]) end
  end)
end
-- Says something once `test` is true.
function later(test, text)
  if not test() then return vim.defer_fn(function() later(test, text) end, 20) end
  notify(text, vim.log.levels.ERROR)
  vim.g.said = vim.g.said + 1
  vim.cmd.redrawstatus()
end
long = 'It begins here,\nand goes on ' .. ('and on '):rep(60) .. 'until its end.'
wide = ('中文🎉'):rep(60) .. ' until its end.'
]]

local file = vim.fs.dirname(t.workspace) .. '/init.lua'

local function shows(name, ...)
  local words = { ... }
  if not t.eventually(name, function() return screen.has(unpack(words)) end, screen.lines) then error('stopped there', 0) end
end

local function start(columns, options)
  screen.start({ columns = columns, lines = 20 }, t.workspace, '-u', file, '-c', 'set ' .. options)
  shows(('Neovim is on the screen: %d columns, %s'):format(columns, options), 'said 0')
end

local function say(...)
  screen.command(('lua say(%s)'):format(table.concat({ ... }, ', ')))
end

local function no_key_is_wanted()
  t.check('no key is wanted', not screen.has('Press ENTER') and not screen.has('-- More --'), screen.lines())
end

local function cut(columns, options)
  start(columns, options)
  for _, what in ipairs({ 'long, "ERROR"', 'wide, "WARN"' }) do
    say(what)
    shows('a message that is too long is cut, and says where the rest is', '… (:Glossator messages)', what:match('^long') and 'It begins' or '中文')
    no_key_is_wanted()
  end
  say('"word", "ERROR", 3')
  shows('several come in one', 'word · word · word')
  screen.command('lua notify("a word"); notify("the worst\\0", 4)')
  shows('the worst first', 'the worst · a word')
  no_key_is_wanted()
  screen.command('lua notify("it stays", 4) vim.defer_fn(function() vim.cmd("redraw! | redrawstatus!") end, 100)')
  shows('a message is seen', 'Glossator: it stays')
  vim.wait(700)
  shows('and stays when the status line changes', 'Glossator: it stays')
  no_key_is_wanted()
  screen.command('Glossator messages')
  shows('what was said can be read', 'error: word')
  screen.type('gg')
  shows('all of it', 'error: It begins here,')
  screen.type('q')
  t.eventually('and is gone again', function() return not screen.has('It begins here') end, screen.lines)
  no_key_is_wanted()
  screen.stop()
end

-- The letters go where they were meant to go; what was said comes when the line is done.
local function while_typing()
  start(60, 'showmode')
  screen.command('lua later(function() return vim.fn.getline(1) == "abc" end, "said meanwhile")')
  screen.type('iabc')
  shows('the user types', '-- INSERT --', 'said 1')
  screen.type('def')
  shows('and goes on', 'abcdef', '-- INSERT --')
  t.check('nothing takes the place of the mode', not screen.has('said meanwhile'), screen.lines())
  screen.escape()
  shows('then it is seen', 'Glossator: said meanwhile')
  screen.command('lua later(function() return vim.fn.getcmdline() == "put =123" end, "said in a command")')
  screen.type(':put =123')
  shows('nor of a command', ':put =123', 'said 2')
  screen.type('4')
  screen.key('Enter')
  shows('that is typed', '1234', 'Glossator: said in a command')
  no_key_is_wanted()
end

local function other_plugins()
  screen.command([[lua vim.notify = function(text) vim.g.said = 'whole: ' .. #text end]])
  screen.command('lua notify(("x"):rep(489))')
  shows('a plugin that shows messages gets all of it', 'said whole: 500')
  screen.command([[lua vim.notify = setmetatable({}, { __call = function(_, text) vim.g.said = 'table: ' .. #text end })]])
  screen.command('lua notify(("x"):rep(489))')
  shows('also one that is no function', 'said table: 500')
  screen.stop()
end

t.main(function()
  vim.fn.mkdir(t.workspace, 'p')
  vim.fn.writefile(vim.split(init:format(vim.fs.normalize(here .. '/../../editors/neovim')), '\n'), file)
  local ok, why = pcall(function()
    cut(60, 'cmdheight=1')
    cut(200, 'showcmd ruler')
    cut(60, 'cmdheight=0')
    cut(50, 'cmdheight=2 shortmess+=aoOTIcF ')
    while_typing()
    other_plugins()
  end)
  screen.stop()
  if not ok then t.check('the flows ran to their end', false, why) end
end)
