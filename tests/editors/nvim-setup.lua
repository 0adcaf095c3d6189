-- Setting the plugin up in a real Neovim: options, keys, help, health; the first run without a key; a folder that is not
-- trusted; several folders; a server that ends by itself.
local here = vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2))
local t = dofile(here .. '/tap.lua')
local help_file = vim.fs.normalize(here .. '/../../editors/neovim/doc/glossator.txt')

-- The parts of the help that are made of the tables that drive the plugin.
local function commands_text()
  local lines = {}
  for _, row in ipairs(require('glossator.command').help()) do
    local usage, does = row:match('^(.-): (.*)$')
    local tag = ('*:Glossator-%s*'):format(usage:match('^%S+'))
    vim.list_extend(lines, { '', (' '):rep(78 - #tag) .. tag, ':Glossator ' .. usage, '    ' .. does })
  end
  return lines
end

local function keys_text()
  local lines = {}
  for _, row in ipairs(require('glossator.keys').all()) do
    local plug = ('<Plug>(glossator-%s)'):format(row.name)
    lines[#lines + 1] = ('    %-12s %-34s :Glossator %s'):format(row.key or '', plug, row.command)
  end
  return lines
end

-- Takes what stands between a tag and the next rule or tag out of the help, and puts `wanted` there.
local function with_part(lines, tag, wanted)
  local made, inside = {}, false
  for _, line in ipairs(lines) do
    if inside and (line:match('^====') or line:match('^%s+%*glossator')) then
      inside = false
      vim.list_extend(made, wanted)
      made[#made + 1] = ''
    end
    if not inside then made[#made + 1] = line end
    if line:find(tag, 1, true) then inside = true end
  end
  return made
end

local function help()
  local lines = vim.fn.readfile(help_file)
  local wanted = with_part(with_part(lines, '*glossator-commands*', commands_text()), '*glossator-plug*', keys_text())
  if vim.env.GLOSSATOR_ACCEPT == '1' then
    vim.fn.writefile(wanted, help_file)
    lines = wanted
  end
  t.equal('the help holds all commands and keys (GLOSSATOR_ACCEPT=1 writes them)', lines, wanted)
  local copy = vim.fs.dirname(t.workspace) .. '/doc'
  vim.fn.mkdir(copy, 'p')
  vim.fn.writefile(lines, copy .. '/glossator.txt')
  local ok, why = pcall(vim.cmd.helptags, copy)
  t.check('its tags are clean', ok, why)
  local tags = {}
  for _, line in ipairs(vim.fn.readfile(copy .. '/tags')) do tags[line:match('^%S+')] = true end
  local dead = {}
  local text = table.concat(lines, '\n')
  for link in text:gmatch('|(glossator[^|%s]*)|') do
    if not tags[link] then dead[#dead + 1] = link end
  end
  t.equal('its links lead somewhere', dead, {})
  local long = vim.tbl_filter(function(line) return vim.fn.strdisplaywidth(line) > 100 end, lines)
  t.equal('its lines are not too long', long, {})
  vim.opt.runtimepath:append(vim.fs.dirname(copy))
  t.check(':help glossator-setup finds it', pcall(vim.cmd.help, 'glossator-setup'))
  vim.cmd.helpclose()
  for name in pairs(require('glossator').config) do
    if name ~= 'chat' and name ~= 'review' then t.check('the help names the option ' .. name, text:find('\n    ' .. name, 1, true)) end
  end
end

local function completed()
  local function complete(line) return vim.fn.getcompletion(line, 'cmdline') end
  t.equal('sub-commands are completed', complete('Glossator st'), { 'status', 'steer', 'stop' })
  t.equal('and what may follow', complete('Glossator keep '), { 'all', 'file' })
  t.equal('policies', complete('Glossator policy a'), { 'ask', 'auto-edit' })
  t.equal('forms of an export', complete('Glossator export '), { 'jsonl', 'markdown' })
  t.check('folders', vim.list_contains(complete('Glossator folder ' .. t.workspace .. '/'), t.workspace .. '/sub/'), complete('Glossator folder ' .. t.workspace .. '/'))
  t.equal('nothing behind that', complete('Glossator ask nothing '), {})
  vim.cmd('Glossator')
  local listed = table.concat(t.lines(0), '\n')
  t.check('without a sub-command all are listed', listed:find('ask [text]: ', 1, true) and listed:find('undo [turn]: ', 1, true), listed)
  t.keys('q')
  vim.cmd('Glossator frobnicate')
  t.told('one that does not exist is named', "there is no 'frobnicate'")
  t.notices = {}
end

local function options()
  local setup = require('glossator').setup
  local before = vim.deepcopy(require('glossator').config)
  setup({ keyz = true, chat = { width = 3 }, settings = { model = 'a/b' }, keys = { keep = 'gk' } })
  t.told('misspelt options are named', 'setup does not know chat.width, keyz')
  t.equal('the others hold', require('glossator').config.settings, { model = 'a/b' })
  t.eventually('a key of one\'s own is set', function() return vim.fn.maparg('gk', 'n') == '<Plug>(glossator-keep)' end)
  require('glossator').config = before
end

local function health()
  vim.cmd('checkhealth glossator')
  local text = table.concat(t.lines(0), '\n')
  for name, words in pairs({
    ['the version of Neovim'] = tostring(vim.version()),
    ['the program'] = vim.env.GLOSSATOR_BIN,
    ['what the doctor finds'] = 'program: glossator',
    ['the server'] = 'for ' .. t.workspace .. ', 1 buffer',
    ['that the folder is not trusted'] = 'is not trusted',
  }) do
    t.check(':checkhealth tells ' .. name, text:find(words, 1, true), text)
  end
  t.check('and nothing went wrong', not text:find('Failed to run', 1, true), text)
  vim.cmd('bdelete')
  local cmd = require('glossator').config.cmd
  require('glossator').config.cmd = { 'no-such-program', 'lsp' }
  vim.cmd('checkhealth glossator')
  text = table.concat(t.lines(0), '\n')
  t.check('without the program it says what to do', text:find("cannot run 'no-such-program'", 1, true) and text:find('setup({ cmd', 1, true), text)
  vim.cmd('bdelete')
  require('glossator').config.cmd = cmd
end

local function folders(client)
  local other = vim.fs.dirname(t.workspace) .. '/other'
  vim.fn.mkdir(other .. '/.git', 'p')
  vim.fn.writefile({ 'far' }, other .. '/far.txt')
  vim.cmd('Glossator folder ' .. other)
  t.told('a folder is taken in', 'works in ')
  vim.cmd('Glossator folder ' .. other)
  t.told('once', 'is a folder of this server already')
  vim.cmd('Glossator folder /no/such/folder')
  t.told('only if it is one', "there is no folder '/no/such/folder'")
  vim.cmd.edit(other .. '/far.txt')
  t.eventually('its files join the server', function() return vim.lsp.buf_is_attached(0, client.id) end)
  t.equal('and start no other', #vim.lsp.get_clients({ name = 'glossator' }), 1)
  local ask = require('glossator.client').request
  local trust
  ask(client, 'glossator/trust/read', {}, function(result) trust = result end)
  t.eventually('the server knows both', function() return trust and #trust.folders == 2 end, function() return trust end)
  vim.cmd('bwipeout!')

  local third = vim.fs.dirname(t.workspace) .. '/third'
  vim.fn.mkdir(third, 'p')
  vim.fn.writefile({ 'third' }, third .. '/file.txt')
  local config = require('glossator').config
  config.root = function() return { third, other } end
  vim.cmd.edit(third .. '/file.txt')
  t.eventually('roots may be named', function()
    local new = vim.lsp.get_clients({ bufnr = 0, name = 'glossator' })[1]
    return new and new.initialized and new.config.root_dir == third and #new.workspace_folders == 2
  end)
  config.root = nil
  local extra = vim.lsp.get_clients({ bufnr = 0, name = 'glossator' })[1]
  require('glossator.client').call(extra, 'stop')
  vim.cmd('bwipeout!')
  t.eventually('and ended', function() return #vim.lsp.get_clients({ name = 'glossator' }) == 1 end)
end

local function restarts(bufnr)
  local function server() return vim.lsp.get_clients({ bufnr = bufnr, name = 'glossator' })[1] end
  local function pids()
    return vim.tbl_filter(function(pid)
      local ok, line = pcall(vim.fn.readfile, ('/proc/%d/cmdline'):format(pid))
      return ok and table.concat(line, ' '):match('lsp%s*$') ~= nil
    end, vim.api.nvim_get_proc_children(vim.fn.getpid()))
  end
  t.eventually('one server runs', function() return #pids() == 1 end, pids)
  for time = 1, 4 do
    local id = server().id
    vim.uv.kill(pids()[1], 'sigkill')
    if time < 4 then
      t.eventually(('server %d is started again'):format(time), function() return server() and server().id ~= id and server().initialized end, t.story)
    end
  end
  t.told('but not for ever', 'the server ended with', ':Glossator restart')
  vim.wait(500)
  t.check('the fourth time', server() == nil)
  vim.cmd('Glossator restart')
  t.eventually('until the user says so', function() return server() and server().initialized end, t.story)
end

t.main(function()
  t.write('poem.txt', { 'first line' })
  t.write('sub/file.txt', { 'x' })
  t.start({ 'not used' })
  local bufnr, client = t.open('poem.txt')
  help()
  completed()
  options()
  health()
  vim.cmd.buffer(bufnr)
  folders(client)
  vim.cmd.buffer(bufnr)
  restarts(bufnr)
end)
