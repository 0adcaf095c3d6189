-- A Neovim in a real terminal (tmux), for tests of what a user sees: what is on its screen, keys as they are typed. Each test has
-- a socket of its own.
local M = {}

local socket = 'glossator-nvim-' .. vim.uv.os_getpid()

local function tmux(...)
  local result = vim.system({ 'tmux', '-L', socket, '-f', '/dev/null', ... }, { text = true }):wait(20000)
  return result.stdout or '', result.code
end

--- Starts Neovim in a folder.
---@param size { columns: integer, lines: integer }
function M.start(size, folder, ...)
  local command = { 'new-session', '-d', '-s', 'main', '-x', tostring(size.columns), '-y', tostring(size.lines), '-c', folder, vim.v.progpath, ... }
  -- A tmux that is about to end takes a session that it is given then with it.
  vim.wait(20000, function() return M.is_open() or select(2, tmux(unpack(command))) == 0 and M.is_open() end, 50)
end

function M.text() return (tmux('capture-pane', '-p', '-t', 'main')) end
function M.lines() return vim.split(M.text(), '\n') end
function M.is_open() return select(2, tmux('has-session', '-t', 'main')) == 0 end

function M.stop()
  tmux('kill-server')
  vim.wait(20000, function() return not M.is_open() end, 20)
end

--- Whether all these words are on the screen.
function M.has(...)
  local text = M.text()
  return vim.iter({ ... }):all(function(words) return text:find(words, 1, true) ~= nil end)
end

function M.type(words) tmux('send-keys', '-t', 'main', '-l', words) end
function M.key(...) tmux('send-keys', '-t', 'main', ...) end

-- What Neovim says of its mode in the last line, as `-- INSERT --`.
local function has_mode() return M.text():match('\n%-%- [^\n]*\n*$') ~= nil end

--- Leaves insert mode. What follows Escape at once would be read as Alt with a key.
function M.escape()
  vim.wait(20000, has_mode, 10)
  M.key('Escape')
  vim.wait(20000, function() return not has_mode() end, 10)
end

function M.command(words)
  M.type(':' .. words)
  M.key('Enter')
end

return M
