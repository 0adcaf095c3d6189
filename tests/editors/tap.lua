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

-- Waits until `test()` is true: 30 s, since the machine may be busy; nothing sleeps longer than it must.
function M.eventually(name, test, extra)
  local ok = vim.wait(30000, function() return test() and true or false end, 10)
  return M.check(name, ok, not ok and type(extra) == 'function' and extra() or extra)
end

function M.equal(name, got, wanted) return M.check(name, vim.deep_equal(got, wanted), { got = got, wanted = wanted }) end

function M.finish()
  for _, client in ipairs(vim.lsp.get_clients()) do
    if vim.fn.has('nvim-0.11') == 1 then client:stop() else client.stop() end
  end
  vim.wait(10000, function() return #vim.lsp.get_clients() == 0 end, 10)
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
  if not vim.wait(30000, function() return url end, 10) then error('the scripted model printed no URL', 0) end
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

--- A fresh workspace with git top and the model with its replies, or one that runs already.
---@param replies string[]|string the replies of a model to be started, or its base URL
function M.world(replies)
  vim.fn.mkdir(M.workspace .. '/.git', 'p')
  vim.fn.mkdir(dir .. '/config', 'p')
  vim.fn.mkdir(M.state, 'p')
  url = type(replies) == 'string' and replies or scripted_model(replies)
  M.settings()
  vim.env.GLOSSATOR_TEST_DIR = dir
  vim.env.GLOSSATOR_CONFIG_DIR, vim.env.GLOSSATOR_STATE_DIR, vim.env.SCRIPTED_KEY = dir .. '/config', M.state, 'x'
end

--- The plugin as a user would set it up.
---@param options? table of `setup`
function M.setup(options)
  vim.o.swapfile, vim.o.hidden = false, true
  vim.notify = function(text) M.notices[#M.notices + 1] = text end
  vim.lsp.handlers['window/showMessage'] = function(_, params) M.notices[#M.notices + 1] = params.message end
  vim.opt.runtimepath:append(vim.fs.normalize(here .. '/../../editors/neovim'))
  vim.cmd('filetype on | runtime plugin/glossator.lua')
  vim.cmd.cd(M.workspace)
  require('glossator').setup(vim.tbl_extend('force', { cmd = { vim.env.GLOSSATOR_BIN, 'lsp' }, ask_delay = 0 }, options or {}))
end

--- A world, and the plugin in it.
---@param options? table of `setup`
function M.start(replies, options)
  M.world(replies)
  M.setup(options)
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

--- Keys as a user presses them; what they start is done when this returns, answers of the server are not.
function M.keys(text) vim.api.nvim_feedkeys(vim.keycode(text), 'tx', false) end

--- Waits until something was told that holds all these words.
function M.told(name, ...)
  local words = { ... }
  return M.eventually(name, function()
    return vim.iter(M.notices):any(function(one)
      return vim.iter(words):all(function(word) return one:find(word, 1, true) end)
    end)
  end, function() return M.notices end)
end

--- The buffer with the transcript of the session that was shown last, and its text.
function M.transcript()
  local found
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    local name = vim.api.nvim_buf_get_name(bufnr)
    if vim.api.nvim_buf_is_loaded(bufnr) and name:match('/chat%.md$') and (not found or #vim.fn.win_findbuf(bufnr) > 0) then found = bufnr end
  end
  return found, found and table.concat(M.lines(found), '\n') or ''
end

--- Waits until the transcript holds all these words.
function M.shows(name, ...)
  local words = { ... }
  return M.eventually(name, function()
    local _, text = M.transcript()
    return vim.iter(words):all(function(word) return text:find(word, 1, true) end)
  end, M.story)
end

--- What there is to know when a check fails.
function M.story()
  local _, text = M.transcript()
  return { chat = text, notices = M.notices, status = require('glossator').statusline(), float = (M.float() or {}).text }
end

--- The floating window: its id, text, title and footer; nil if there is none.
function M.float()
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    local config = vim.api.nvim_win_get_config(window)
    if config.relative ~= '' then
      local function plain(part) return type(part) == 'table' and vim.iter(part):map(function(chunk) return chunk[1] end):join('') or part or '' end
      local bufnr = vim.api.nvim_win_get_buf(window)
      return {
        window = window, bufnr = bufnr, text = table.concat(M.lines(bufnr), '\n'), title = plain(config.title), footer = plain(config.footer),
      }
    end
  end
end

--- Calls the handler of a request as the server does; the result is in the table that is given back, once there is one.
function M.request(client, method, params)
  local box = {}
  coroutine.wrap(function()
    box.result, box.error = client.handlers[method](nil, params, { client_id = client.id, method = method })
    box.done = true
  end)()
  return box
end

--- Another language server, inside this Neovim. `answers` are functions of the params by method.
---@return integer client id
function M.other_server(name, capabilities, answers, bufnr)
  local function cmd()
    local closing = false
    return {
      request = function(method, params, callback)
        if method == 'initialize' then callback(nil, { capabilities = capabilities })
        elseif method == 'shutdown' then callback(nil, nil)
        elseif answers[method] then
          local result = answers[method](params)
          if result ~= M.never then vim.schedule(function() callback(nil, result) end) end
        else callback({ code = -32601, message = 'no ' .. method }) end
        return true, 1
      end,
      notify = function(method)
        if method == 'exit' then closing = true end
        return true
      end,
      is_closing = function() return closing end,
      terminate = function() closing = true end,
    }
  end
  return vim.lsp.start({ name = name, cmd = cmd, root_dir = M.workspace }, { bufnr = bufnr })
end

M.never = {} -- the answer of a server that does not answer

return M
