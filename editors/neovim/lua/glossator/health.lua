-- `:checkhealth glossator`: program, editor, server, settings, key, core, and what else in this Neovim may get in the way.
local client_of = require('glossator.client')
local M = {}

local health = vim.health

local function run(arguments)
  local ok, result = pcall(function() return vim.system(arguments, { text = true, timeout = 10000 }):wait() end)
  if not ok then return nil, tostring(result) end
  return result
end

local function editor()
  health.start('Neovim')
  local version = tostring(vim.version())
  if vim.fn.has('nvim-0.10') == 0 then return health.error(version .. ' is too old', { 'Glossator needs 0.10 or newer' }) end
  health.ok(version)
  if vim.fn.has('nvim-0.11') == 0 then health.info('the menu of @ and / in the prompt and the folds of the transcript are nicer from 0.11 on') end
end

-- The path of the program, once it can be run.
local function program()
  health.start('Program')
  if vim.g.loaded_glossator == nil then health.warn('plugin/glossator.lua was not loaded, so there is no :Glossator') end
  local name = require('glossator').config.cmd[1]
  local path = type(name) == 'string' and vim.fn.exepath(name) or ''
  if path == '' then
    return health.error(("cannot run '%s'"):format(tostring(name)), {
      'put the folder of the program on the PATH that Neovim is started with, or',
      "name it: require('glossator').setup({ cmd = { '/path/to/glossator', 'lsp' } })",
    })
  end
  local result, why = run({ path, '--version' })
  if not result or result.code ~= 0 then
    return health.error(('%s --version failed: %s'):format(path, why or vim.trim(result.stderr or '')))
  end
  health.ok(('%s (%s)'):format(vim.trim(result.stdout), path))
  return path, vim.trim(result.stdout):match('%S+$')
end

local standings = { good = health.ok, note = health.info, problem = health.error }

-- What `glossator doctor` finds in the folder of this window.
local function doctor(path)
  health.start('Settings, key, core (glossator doctor)')
  local result, why = run({ path, 'doctor', '--json' })
  local found = 0
  for line in vim.gsplit(result and result.stdout or '', '\n', { trimempty = true }) do
    local ok, finding = pcall(vim.json.decode, line)
    if ok and type(finding) == 'table' and finding.text then
      found = found + 1
      local tell = standings[finding.standing] or health.warn
      local words = ('%s: %s'):format(finding.about or '?', finding.text)
      if tell == health.ok or tell == health.info then tell(words) else tell(words, finding.todo and { finding.todo } or nil) end
    end
  end
  if found == 0 then health.warn('glossator doctor said nothing: ' .. (why or vim.trim(result and result.stderr or ''))) end
end

-- Asks a server and waits a little; nil where it does not answer.
local function ask(client, method)
  local answer
  client_of.request(client, method, {}, function(result) answer = { result } end, function(message) answer = { nil, message } end)
  vim.wait(10000, function() return answer ~= nil end, 20)
  return answer and answer[1], answer and answer[2] or not answer and 'no answer within ten seconds' or nil
end

local function signed_in(client)
  local status, why = ask(client, 'glossator/auth/status')
  if type(status) ~= 'table' then return health.warn('the server does not say whether it has a key: ' .. (why or '?')) end
  if status.ready then return health.ok(status.message or 'the model can be asked') end
  health.error(status.message or 'the model cannot be asked', { ':Glossator login stores a key; nothing has to be restarted' })
end

local function trusted(client)
  local trust = ask(client, 'glossator/trust/read')
  for _, folder in ipairs(type(trust) == 'table' and trust.folders or {}) do
    local name = vim.uri_to_fname(folder.uri)
    if folder.trusted then
      health.ok(name .. ' is trusted')
    else
      health.info(name .. ' is not trusted: its settings and AGENTS.md are not followed (:Glossator trust)')
    end
  end
end

local function servers(version)
  health.start('Server')
  local clients = vim.lsp.get_clients({ name = 'glossator' })
  if #clients == 0 then
    return health.warn('no server runs', { "open a file, or run :Glossator chat; require('glossator').setup() must have been called" })
  end
  for _, client in ipairs(clients) do
    local info = client.server_info or {}
    local count = vim.tbl_count(client.attached_buffers)
    health.ok(('%s for %s, %d buffer%s'):format(info.version or 'runs', client.config.root_dir, count, count == 1 and '' or 's'))
    if version and info.version and info.version ~= version then
      health.warn(('the server is %s, the program %s: a core of before serves still'):format(info.version, version), { ':Glossator restart' })
    end
    signed_in(client)
    trusted(client)
  end
end

local plugins = {
  { 'cmp', 'nvim-cmp asks language servers for completion; the menu in the prompt is its (setup { completion = ... })' },
  { 'blink.cmp', 'blink.cmp asks language servers for completion; the menu in the prompt is its (setup { completion = ... })' },
  { 'mini.completion', 'mini.completion opens the menu in the prompt (setup { completion = ... })' },
  { 'noice', 'noice.nvim shows messages and dialogs its own way; if nothing is asked, look there' },
  { 'dressing', 'dressing.nvim shows what is picked and typed' },
}

local function neighbours()
  health.start('Other plugins and options')
  local told = false
  local function tell(how, ...)
    told = true
    how(...)
  end
  for _, row in ipairs(plugins) do
    if package.loaded[row[1]] then tell(health.info, row[2]) end
  end
  local default = vim.lsp.handlers['workspace/applyEdit']
  local source = default and debug.getinfo(default, 'S').source or ''
  if not vim.startswith(source:gsub('^@', ''), vim.env.VIMRUNTIME) then
    tell(health.info, 'another plugin has replaced the handler of workspace/applyEdit; Glossator keeps its own')
  end
  if vim.o.autochdir then
    tell(health.warn, "'autochdir' is set: the root of files without .git changes with the buffer", { "name it: setup { root = '/path' }" })
  end
  for _, key in ipairs({ ']h', '[h' }) do
    local map = vim.fn.maparg(key, 'n')
    if map ~= '' and not map:match('glossator') then
      tell(health.info, ('%s is mapped to something else; :Glossator next and <Plug>(glossator-next-hunk) go to hunks'):format(key))
    end
  end
  if not told then health.ok('nothing that gets in the way') end
end

--- Called by `:checkhealth glossator`.
function M.check()
  editor()
  local path, version = program()
  if path then doctor(path) end
  servers(version)
  neighbours()
end

return M
