-- The first run in a real Neovim: nothing is set up, so it says what to do, keeps what was written, and goes on without a
-- restart; signing in by key; a repository that was just cloned and is not trusted.
local here = vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2))
local t = dofile(here .. '/tap.lua')

local settings

local function prompt()
  return vim.iter(vim.api.nvim_list_wins()):find(function(one) return vim.api.nvim_buf_get_name(vim.api.nvim_win_get_buf(one)):match('/prompt%.md$') ~= nil end)
end

local function prompt_text()
  local window = prompt()
  return window and table.concat(t.lines(vim.api.nvim_win_get_buf(window)), '\n') or ''
end

local function no_settings()
  t.notices = {}
  vim.cmd('Glossator new')
  t.told('a session begins without settings, too', 'new session')
  t.eventually('and the chat shows it', function() return select(2, t.transcript()):find('Nothing was said yet', 1, true) end, t.story)
  vim.api.nvim_set_current_win(prompt())
  t.keys('GoWhat is this?<Esc><CR>')
  t.told('the first prompt says what to do', ':Glossator login', ':Glossator model')
  t.check('by the commands of this editor', not table.concat(t.notices, '\n'):find('glossator.login', 1, true), t.notices)
  t.check('in words, not as an error of Lua', not table.concat(t.notices, '\n'):find('stack traceback', 1, true), t.notices)
  t.check('and is kept', prompt_text():find('What is this?', 1, true), prompt_text())
  vim.fn.writefile(settings, vim.env.GLOSSATOR_CONFIG_DIR .. '/settings.toml')
  t.keys('<CR>')
  t.shows('once a model is chosen it is sent, without a restart', '> What is this?', 'Said the second answer.')
  t.eventually('and taken out of the prompt', function() return not prompt_text():find('What is this?', 1, true) end, prompt_text)
end

-- A model is chosen, but its provider has no key: what was asked waits in the prompt until there is one.
local function no_key(bufnr)
  t.notices = {}
  vim.api.nvim_set_current_win(vim.fn.win_findbuf(bufnr)[1])
  vim.cmd('1,1Glossator ask What about this line?')
  t.told('a prompt without a key says what to do', 'key', ':Glossator login scripted stores a key')
  t.check('by the commands of this editor', not table.concat(t.notices, '\n'):find('glossator.login', 1, true), t.notices)
  t.eventually('and is kept in the prompt, with what it is about', function() return prompt_text():find('What about this line? @poem.txt:1-1', 1, true) end, prompt_text)
  local listed
  vim.ui.select = function(items, options, done)
    listed = vim.tbl_map(options.format_item, items)
    for index, label in ipairs(listed) do
      if vim.startswith(label, 'scripted ') then return done(items[index], index) end
    end
  end
  local inputsecret = vim.fn.inputsecret
  vim.fn.inputsecret = function() return 'a-key-for-the-script' end
  vim.cmd('Glossator login')
  t.eventually(':Glossator login lists the provider', function() return listed end, t.story)
  t.check('as one that wants a key', vim.list_contains(listed, 'scripted  (wants a key)'), listed)
  t.told('the key is stored', 'The key of scripted is stored')
  vim.fn.inputsecret = inputsecret
  vim.api.nvim_set_current_win(prompt())
  t.keys('<CR>')
  t.shows('and the prompt can be sent, without a restart', '> What about this line? @poem.txt:1-1', 'Said the first answer.')
  listed = nil
  vim.cmd('Glossator model')
  t.eventually(':Glossator model lists the models', function() return listed end, t.story)
  t.check('those that can be asked first', listed[1]:find('scripted/', 1, true), listed)
  t.check('the others are a list of their own', listed[#listed]:match('others that cannot be asked yet.*%(%d+%)$'), listed)
  local picked = 0
  vim.ui.select = function(items, options, done)
    listed, picked = vim.tbl_map(options.format_item, items), picked + 1
    if picked == 1 then done(items[#items], #items) end
  end
  vim.cmd('Glossator model')
  t.eventually('which opens', function() return picked == 2 end, t.story)
  t.check('and says in two words why not', listed[1]:find('no key', 1, true) and #listed[1] < 100, listed)
  listed = nil
  vim.cmd('Glossator logout scripted')
  t.told(':Glossator logout takes it away', 'scripted')
  t.eventually('it is gone', function()
    local status
    require('glossator.client').request(vim.lsp.get_clients({ name = 'glossator' })[1], 'glossator/auth/status', {}, function(result) status = result end)
    vim.wait(2000, function() return status end, 10)
    return status and not status.ready
  end)
  vim.env.SCRIPTED_KEY = 'x'
  vim.cmd('Glossator restart')
end

-- The server's answers are put in its place here; that it stores keys is its own tests' matter.
local function signing_in(client)
  local client_of = require('glossator.client')
  local request, sent = client_of.request, {}
  local providers = {
    { id = 'anthropic', wire = 'messages', baseUrl = 'https://a', needsKey = true, ready = false, keyEnv = 'ANTHROPIC_API_KEY' },
    { id = 'openai', wire = 'responses', baseUrl = 'https://b', needsKey = true, ready = true, source = 'keyring' },
    { id = 'ollama', wire = 'ollama', baseUrl = 'http://c', needsKey = false, ready = true },
  }
  local answers = {
    ['glossator/auth/status'] = { providers = providers, ready = false, message = 'anthropic has no key.' },
    ['glossator/auth/login'] = { provider = 'anthropic', stored = 'keyring', ready = true, message = 'The key of anthropic is in the keyring.' },
    ['glossator/auth/logout'] = { removed = true, message = 'The key of openai is gone.' },
  }
  client_of.request = function(_, method, params, done)
    sent[#sent + 1] = { method, params }
    done(answers[method])
  end
  require('glossator.signin').look(client)
  t.told('a server without a key says so when it starts', 'anthropic has no key.', ':Glossator login')

  local listed
  vim.ui.select = function(items, options, done)
    listed = vim.tbl_map(options.format_item, items)
    done(items[1], 1)
  end
  local inputsecret = vim.fn.inputsecret
  vim.fn.inputsecret = function() return 'the-secret-key' end
  vim.cmd('Glossator login')
  t.equal(':Glossator login lists the providers that want a key', listed, { 'anthropic  (wants a key)', 'openai  (ready, from the keyring)' })
  t.equal('the key goes to the server', sent[#sent - 1], { 'glossator/auth/login', { provider = 'anthropic', key = 'the-secret-key' } })
  t.told('which says where it is', 'in the keyring')
  for place, text in pairs({ notices = vim.inspect(t.notices), messages = vim.fn.execute('messages'), history = vim.fn.execute('history all') }) do
    t.check('and is not in the ' .. place, not text:find('the-secret-key', 1, true))
  end
  vim.fn.inputsecret = function() return '' end
  vim.cmd('Glossator login anthropic')
  t.equal('without a key the ways are asked for', sent[#sent], { 'glossator/auth/login', { provider = 'anthropic' } })
  vim.fn.inputsecret = function() error('Keyboard interrupt') end
  local count = #sent
  vim.cmd('Glossator login anthropic')
  t.equal('breaking off sends nothing', #sent, count)
  vim.cmd('Glossator logout')
  t.equal(':Glossator logout lists stored keys', listed, { 'openai  (ready, from the keyring)' })
  t.told('and removes one', 'The key of openai is gone.')
  client_of.request, vim.fn.inputsecret = request, inputsecret
end

local function not_trusted(client)
  local trust
  local function read() require('glossator.client').request(client, 'glossator/trust/read', {}, function(result) trust = result.folders[1].trusted end) end
  read()
  t.eventually('a folder that was just cloned is not trusted', function() return trust == false end)
  vim.cmd('Glossator trust')
  t.told('until the user says so', 'is trusted now')
  read()
  t.eventually('and then is', function() return trust == true end)
end

t.main(function()
  t.write('poem.txt', { 'first line' })
  t.write('.glossator/settings.toml', { 'policy = "full"' })
  t.world({ 'Said the first answer.', 'Said the second answer.' })
  vim.env.SCRIPTED_KEY = nil
  t.setup()
  local bufnr, client = t.open('poem.txt')
  no_key(bufnr)
  local file = vim.env.GLOSSATOR_CONFIG_DIR .. '/settings.toml'
  settings = vim.fn.readfile(file)
  vim.fn.delete(file)
  no_settings()
  client = vim.lsp.get_clients({ name = 'glossator' })[1]
  vim.api.nvim_set_current_win(vim.fn.win_findbuf(vim.fn.bufnr(t.workspace .. '/poem.txt'))[1])
  signing_in(client)
  not_trusted(client)
end)
