-- What the Neovim tests share: TAP on stdout, a workspace in a temp folder, a scripted model, the plugin set up with the
-- real server, its cores. Reads GLOSSATOR_BIN; the caller (nvim.sh) gives HOME, XDG and runtime folders of their own, and a
-- test that starts other Neovims gives them its own folder in GLOSSATOR_TEST_DIR.
local M = {}
local count, failed = 0, 0
local here = vim.fs.dirname(vim.fs.normalize(debug.getinfo(1, 'S').source:sub(2)))
local dir = vim.env.GLOSSATOR_TEST_DIR or vim.uv.fs_realpath(vim.env.TMPDIR or '/tmp') .. '/glossator-nvim-' .. vim.uv.os_getpid()

M.jobs = {} ---@type integer[] ended with the test
M.workspace = dir .. '/work'
M.state = dir .. '/state'
M.notices = {} ---@type string[] what vim.notify was told, and messages of the server

local function out(text) io.stdout:write(text .. '\n') end

function M.check(name, ok, extra)
  count = count + 1
  if not ok then failed = failed + 1 end
  out(('%s %d - %s'):format(ok and 'ok' or 'not ok', count, name))
  if not ok and extra ~= nil then out('# ' .. vim.inspect(extra):gsub('\n', '\n# ')) end
  return ok
end

-- Waits until `test()` is true: 20 s, since the machine may be busy; nothing sleeps longer than it must.
function M.eventually(name, test, extra)
  local ok = vim.wait(20000, function() return test() and true or false end, 10)
  return M.check(name, ok, not ok and type(extra) == 'function' and extra() or extra)
end

function M.equal(name, got, wanted) return M.check(name, vim.deep_equal(got, wanted), { got = got, wanted = wanted }) end

function M.finish()
  for _, client in ipairs(vim.lsp.get_clients()) do
    if vim.fn.has('nvim-0.11') == 1 then client:stop() else client.stop() end
  end
  vim.wait(3000, function() return #vim.lsp.get_clients() == 0 end, 10)
  for _, job in ipairs(M.jobs) do vim.fn.jobstop(job) end
  out('1..' .. count)
  if failed == 0 and not vim.env.KEEP then vim.fn.delete(dir, 'rf') else out('# files kept in ' .. dir) end
  os.exit(failed == 0 and 0 or 1)
end

--- Runs a test file's body: an error in it is a failed check, never a silent end.
function M.main(body)
  local ok, why = xpcall(body, debug.traceback)
  if not ok then M.check('the test ran to its end', false, why) end
  M.finish()
end

function M.write(name, lines)
  vim.fn.mkdir(vim.fs.dirname(M.workspace .. '/' .. name), 'p')
  vim.fn.writefile(lines, M.workspace .. '/' .. name)
end

function M.read(name) return vim.fn.readfile(M.workspace .. '/' .. name) end

function M.exists(name) return vim.uv.fs_stat(M.workspace .. '/' .. name) ~= nil end

-- Starts `glossator debug scripted-model` and returns its base URL.
local function scripted_model(replies)
  local file, url = dir .. '/replies.json', nil
  vim.fn.writefile({ vim.json.encode({ replies = replies }) }, file)
  M.jobs[#M.jobs + 1] = vim.fn.jobstart({ vim.env.GLOSSATOR_BIN, 'debug', 'scripted-model', file }, {
    on_stdout = function(_, data)
      for _, line in ipairs(data) do url = url or line:match('http://%S+') end
    end,
  })
  if not vim.wait(10000, function() return url end, 10) then error('the scripted model printed no URL', 0) end
  return url
end

local settings = [[
model = "scripted/any-model"
[providers.scripted]
wire = "messages"
base_url = "%s"
key_env = "SCRIPTED_KEY"
[core]
linger_s = 15
%s
]]
local url

--- Writes the settings, with `more` at the end of the section on cores.
function M.settings(more)
  vim.fn.writefile(vim.split(settings:format(url, more or ''), '\n'), dir .. '/config/settings.toml')
end

--- A fresh workspace with git top and the model with its replies.
function M.world(replies)
  vim.fn.mkdir(M.workspace .. '/.git', 'p')
  vim.fn.mkdir(dir .. '/config', 'p')
  vim.fn.mkdir(M.state, 'p')
  url = scripted_model(replies)
  M.settings()
  vim.env.GLOSSATOR_TEST_DIR = dir
  vim.env.GLOSSATOR_CONFIG_DIR, vim.env.GLOSSATOR_STATE_DIR, vim.env.SCRIPTED_KEY = dir .. '/config', M.state, 'x'
end

--- The plugin as a user would set it up.
function M.setup()
  vim.o.swapfile, vim.o.hidden = false, true
  vim.notify = function(text) M.notices[#M.notices + 1] = text end
  vim.lsp.handlers['window/showMessage'] = function(_, params) M.notices[#M.notices + 1] = params.message end
  vim.opt.runtimepath:append(vim.fs.normalize(here .. '/../../editors/neovim'))
  vim.cmd('filetype on | runtime plugin/glossator.lua')
  vim.cmd.cd(M.workspace)
  require('glossator').setup({ cmd = { vim.env.GLOSSATOR_BIN, 'lsp' }, ask_delay = 0 })
end

--- A world, and the plugin in it.
function M.start(replies)
  M.world(replies)
  M.setup()
end

--- The core that serves the workspace; without one the test ends.
function M.core()
  for _, lock in ipairs(vim.fn.glob(vim.env.GLOSSATOR_RUNTIME_DIR .. '/*.lock', true, true)) do
    local pid = vim.fn.readfile(lock)[1] or ''
    local comm = '/proc/' .. pid .. '/comm'
    if pid ~= '' and vim.fn.filereadable(comm) == 1 and vim.fn.readfile(comm)[1] == 'glossator-core' then return tonumber(pid) end
  end
  error('there is no core', 0)
end

--- What was told, as lines of the log of any session.
function M.log_holds(text, times)
  local files = vim.fs.find(function(name) return name:match('%.jsonl$') end, { path = M.state, type = 'file', limit = 100 })
  local count = 0
  for _, file in ipairs(files) do
    for _, line in ipairs(vim.fn.readfile(file)) do
      if line:find(text, 1, true) then count = count + 1 end
    end
  end
  return count >= (times or 1)
end

--- Opens a file of the workspace and waits for the server.
function M.open(name)
  vim.cmd.edit(vim.fn.fnameescape(M.workspace .. '/' .. name))
  local bufnr = vim.api.nvim_get_current_buf()
  M.eventually('the server is attached to ' .. name, function()
    local client = vim.lsp.get_clients({ bufnr = bufnr, name = 'glossator' })[1]
    return client and client.initialized
  end, M.notices)
  return bufnr, vim.lsp.get_clients({ bufnr = bufnr, name = 'glossator' })[1]
end

function M.lines(bufnr) return vim.api.nvim_buf_get_lines(bufnr, 0, -1, false) end

return M
