-- Which window something is opened in: never a window of the chat, never a floating one.
local M = {}

local chat = {} ---@type table<integer, boolean> windows of the chat

--- A window belongs to the chat from now on.
---@param window integer
function M.of_chat(window) chat[window] = true end

--- Whether a window belongs to the chat.
---@param window integer
---@return boolean
function M.is_chat(window) return chat[window] == true and vim.api.nvim_win_is_valid(window) end

local function fits(window)
  if window == 0 or not vim.api.nvim_win_is_valid(window) or M.is_chat(window) then return false end
  if vim.api.nvim_win_get_config(window).relative ~= '' then return false end
  return vim.bo[vim.api.nvim_win_get_buf(window)].buftype == ''
end

--- The window that files are shown in: the current one, the one before, any other of the tab page; none if there is none.
---@return integer?
function M.main()
  local current = vim.api.nvim_get_current_win()
  if fits(current) then return current end
  local before = vim.fn.win_getid(vim.fn.winnr('#'))
  if fits(before) then return before end
  return vim.iter(vim.api.nvim_tabpage_list_wins(0)):find(fits)
end

--- Goes to the window that files are shown in; makes one if there is none.
function M.go_to_main()
  local window = M.main()
  if window then return vim.api.nvim_set_current_win(window) end
  vim.cmd('topleft vnew')
end

return M
