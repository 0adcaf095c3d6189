-- Texts that the user asked for and that are in no file: lists, messages, previews. Each in a window of its own, gone when it
-- is closed.
local windows = require('glossator.windows')
local M = {}

local look = { wrap = true, linebreak = true, number = false, relativenumber = false, signcolumn = 'no', foldcolumn = '0', spell = false, list = false }

--- Shows lines below the window that files are shown in, no taller than they need. `q` closes.
---@param lines string[]
---@param filetype? string
function M.open(lines, filetype)
  local bufnr = vim.api.nvim_create_buf(false, true)
  vim.bo[bufnr].bufhidden = 'wipe'
  vim.bo[bufnr].filetype = filetype or 'text'
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, lines)
  vim.bo[bufnr].modifiable = false
  windows.go_to_main()
  local half = math.floor(vim.api.nvim_win_get_height(0) / 2)
  vim.cmd.sbuffer({ bufnr, mods = { split = 'belowright' } })
  for name, value in pairs(look) do vim.api.nvim_set_option_value(name, value, { scope = 'local', win = 0 }) end
  local rows = vim.api.nvim_win_text_height(0, {}).all -- lines are wrapped
  if rows < half then vim.api.nvim_win_set_height(0, rows) end
  vim.keymap.set('n', 'q', '<Cmd>bwipeout<CR>', { buffer = bufnr, nowait = true, desc = 'Close this window' })
end

return M
