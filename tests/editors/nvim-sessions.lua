-- Sessions in a real Neovim: picked and gone on with, renamed, forked, put away; what is sent, before and after.
-- usage: nvim.sh (or: GLOSSATOR_BIN=... nvim --headless -u NONE -l nvim-sessions.lua); TAP on stdout
local t = dofile(vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/tap.lua')

-- Stands for the user: answers dialogs by a pattern of the label.
local answers = {}
vim.ui.select = function(items, options, done)
  local wanted = table.remove(answers, 1)
  vim.schedule(function()
    for i, item in ipairs(items) do
      if (options.format_item or tostring)(item):match(wanted) then return done(item, i) end
    end
    error('no ' .. wanted)
  end)
end
-- The transcripts of all sessions that were shown.
local function chat_text()
  local all = {}
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_get_name(bufnr):match('/chat%.md$') then all[#all + 1] = table.concat(t.lines(bufnr), '\n') end
  end
  return table.concat(all, '\n====\n')
end
local function chat_has(...)
  local text = chat_text()
  return vim.iter({ ... }):all(function(words) return text:find(words, 1, true) end)
end

local function told(...)
  local words = { ... }
  return function()
    return vim.iter(t.notices):any(function(text)
      return vim.iter(words):all(function(word) return text:find(word, 1, true) end)
    end)
  end
end

local function notices() return t.notices end
local function shown() return table.concat(t.lines(vim.api.nvim_get_current_buf()), '\n') end

local hand_over = [[
## Goal
The user wants to be told of parsers and of lexers, one after the other.

## State
Told of both; nothing failed until now.

## Findings
The poem stands in poem.txt:1.

## Agreements
None.

## Next
Go on.]]

t.main(function()
  t.write('poem.txt', { 'first line' })
  t.start({ 'Said one.', 'Said two.', 'Said three.', hand_over, 'Said four.', 'Said five.' })
  vim.cmd.edit(t.workspace .. '/poem.txt')
  vim.cmd('Glossator ask tell me of parsers')
  t.eventually('a first session', function() return chat_has('Said one.', 'done') end, chat_text)
  vim.cmd('Glossator new')
  t.eventually('a new one', told('new session'), notices)
  vim.cmd('Glossator ask tell me of lexers')
  t.eventually('a second session', function() return chat_has('Said two.') end, chat_text)

  answers = { 'parsers' }
  vim.cmd('Glossator sessions')
  t.eventually(':Glossator sessions goes on with the one that is picked', told("goes on with '"), notices)
  t.check('of which nothing is left, and nothing said', not table.concat(t.notices, '\n'):find('Nothing is pending', 1, true), t.notices)
  t.eventually('its turns are in the chat', function() return chat_has('## T-1', 'Said one.') end, chat_text)
  vim.cmd('Glossator ask and more')
  t.eventually('the next prompt goes to it', function() return chat_has('Said three.', '## T-2') end, chat_text)
  vim.cmd('Glossator rename Of parsers')
  t.eventually(':Glossator rename', told("is called 'Of parsers'"), notices)

  vim.cmd('Glossator context what now')
  t.eventually('what would be sent', function() return shown():find('would be sent', 1, true) and shown():find('what now', 1, true) end, shown)
  vim.cmd('close')
  vim.cmd('Glossator context')
  t.eventually('what was sent', function() return vim.api.nvim_buf_get_name(0):match('T%-2%-context%.md$') end, notices)
  vim.cmd('Glossator usage')
  t.eventually(':Glossator usage', told('This session: 2 turns'), notices)
  vim.cmd('Glossator compact')
  t.eventually(':Glossator compact', function() return t.log_holds('"kind":"compaction"') end, chat_text)
  t.eventually('is a turn of the session', function() return chat_has('## T-3') and not require('glossator').statusline():match('running') end, chat_text)
  vim.cmd('Glossator ask what now')
  t.eventually('after which it goes on', function() return chat_has('Said four.', '## T-4') end, chat_text)
  vim.cmd('Glossator fork')
  t.eventually(':Glossator fork', told("goes on with 'Of parsers (fork of T-4)'"), notices)
  vim.cmd('Glossator export jsonl')
  t.eventually(':Glossator export shows the file', function() return vim.api.nvim_buf_get_name(0):match('%.jsonl$') and shown():find('Said one.', 1, true) end, notices)
  t.check('which is in no window of the chat', not require('glossator.windows').is_chat(0))
  vim.cmd('Glossator archive')
  t.eventually(':Glossator archive', told('is archived'), notices)

  t.notices = {}
  answers = { 'Keep it' }
  vim.cmd('Glossator delete')
  vim.wait(200)
  t.equal(':Glossator delete asks first', t.notices, {})
  answers = { 'Delete it' }
  vim.cmd('Glossator delete')
  t.eventually('and then deletes', told('is deleted'), notices)
  vim.cmd('Glossator ask after that')
  t.eventually('the next prompt goes to a new one', function() return chat_has('Said five.') end, function() return { t.notices, chat_text() } end)
end)
