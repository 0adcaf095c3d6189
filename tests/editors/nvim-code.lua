-- What is said about a place of the code, and what a session works with, in a real Neovim: fix, explain, tests and their like;
-- model, tools and policy by picker and by name; status, grants.
local here = vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2))
local t = dofile(here .. '/tap.lua')
local model = dofile(here .. '/nvim-model.lua')

local function script(code) return '<tool-calls>\n' .. code .. '\n</tool-calls>\n' end
local run = script('return (await tools.exec({ command: ["touch", "ran.txt"] })).exitCode;')

local replies = { 'One.', 'Two.', 'Three.', 'Four.', 'Five.', 'Six.', run, 'Seven.', run, 'Eight.', run, 'Nine.' }

local bufnr

local turns = 0
local function ended(name)
  turns = turns + 1
  t.eventually(name, function() return t.log_holds('"turnEnded"', turns) and not require('glossator').statusline():match('running') end, t.story)
end

local function asked(name, ...)
  for _, words in ipairs({ ... }) do
    t.check(('%s: the model is told %s'):format(name, words), model.asked():find(words, 1, true), model.asked())
  end
end

local function places()
  local space = vim.api.nvim_create_namespace('linter')
  vim.diagnostic.set(space, bufnr, { { lnum = 1, col = 6, end_lnum = 1, end_col = 11, message = 'unused variable wanted', source = 'linter', severity = 2 } })
  vim.api.nvim_win_set_cursor(0, { 2, 0 })
  vim.cmd('Glossator fix as small as can be')
  ended(':Glossator fix')
  asked('fix', 'unused variable wanted', 'as small as can be', 'bell.lua')
  vim.cmd('2,3Glossator explain')
  ended(':Glossator explain with a range')
  asked('explain', 'xplain', 'bell.lua')
  vim.cmd('Glossator tests')
  ended(':Glossator tests')
  asked('tests', 'test')
  vim.cmd('Glossator document')
  ended(':Glossator document')
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  vim.cmd('Glossator comment')
  ended(':Glossator comment')
  asked('comment', 'ring it twice')
  vim.cmd('Glossator critique is it clear?')
  ended(':Glossator critique')
  asked('critique', 'is it clear?')
  vim.cmd('help')
  vim.cmd('Glossator explain')
  t.told('what is no file is refused', 'this is no file')
  vim.cmd('helpclose')
end

-- Lets the user pick what matches; the labels are given back.
local function pick(command, wanted)
  local labels
  vim.ui.select = function(items, options, done)
    labels = vim.tbl_map(options.format_item or tostring, items)
    for index, label in ipairs(labels) do
      if label:find(wanted, 1, true) then return done(items[index], index) end
    end
    done(nil, nil)
  end
  vim.cmd('Glossator ' .. command)
  t.eventually((':Glossator %s lists what there is'):format(command), function() return labels end, t.story)
  return labels or {}
end

local function settings() return (require('glossator.session').visible() or {}).settings or {} end

local function choices()
  local labels = pick('model', 'scripted/any-model')
  t.check('with the one that is asked', vim.iter(labels):any(function(label) return vim.startswith(label, '* scripted/any-model') end), labels)
  t.told('one is picked', 'from the next turn on')
  t.equal('and stands', settings().model, 'scripted/any-model')
  t.equal('what was listed is completed', vim.fn.getcompletion('Glossator model scripted/', 'cmdline'), { 'scripted/any-model' })
  pick('policy', 'auto-edit')
  t.eventually('a policy is picked', function() return settings().policy == 'auto-edit' end, settings)
  vim.cmd('Glossator policy ask')
  t.eventually('or named', function() return settings().policy == 'ask' end, settings)
  vim.cmd('Glossator policy whatever')
  t.told('one that does not exist is refused', 'whatever')
  labels = pick('pack', 'none of them')
  t.check('packs are listed with their tools', vim.iter(labels):any(function(label) return label:match('^read%-only  %(%d+ tools: .*readFile') end), labels)
end

local function grants()
  local function question() return t.float() ~= nil end
  vim.cmd('Glossator ask touch it')
  t.eventually('a command is asked about', question, t.story)
  vim.cmd('Glossator approve session')
  ended('it is allowed for the session')
  vim.cmd('Glossator ask touch it again')
  ended('and not asked about again')
  local labels = pick('grants', 'touch')
  t.check('it is among what was allowed', #labels == 1, labels)
  t.told('what is picked is allowed no more', 'is asked for again')
  vim.cmd('Glossator ask touch it once more')
  t.eventually('and is asked about', question, t.story)
  vim.cmd('Glossator approve')
  ended('once')
end

local function status()
  vim.cmd('Glossator status')
  t.eventually(':Glossator status is a document', function()
    return vim.api.nvim_get_current_buf() ~= bufnr and table.concat(t.lines(0), '\n'):find('scripted/any-model', 1, true)
  end, t.story)
end

t.main(function()
  t.write('bell.lua', { '-- ring it twice', 'local wanted = 1', 'return {}' })
  t.start(model.start(replies), { chat = { open_on_ask = false } })
  bufnr = t.open('bell.lua')
  places()
  choices()
  grants()
  status()
end)
