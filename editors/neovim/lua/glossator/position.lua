-- Columns as the server counts them. Neovim 0.10's own `character_offset` is wrong where a line is not ASCII: it compares
-- a byte index with a length in UTF-16 units and answers the end of the line.
local M = {}

local by_name = vim.fn.has('nvim-0.11') == 1

--- The column of a byte index.
---@param line string
---@param byte integer from 0 to #line
---@param encoding string utf-8, utf-16 or utf-32
---@return integer
function M.column(line, byte, encoding)
  if encoding == 'utf-8' then return byte end
  if by_name then return vim.str_utfindex(line, encoding, byte, false) end
  local utf32, utf16 = vim.str_utfindex(line, byte)
  return encoding == 'utf-32' and utf32 or utf16
end

--- The position at the end of a buffer's line.
---@param bufnr integer
---@param row integer from 0
---@param encoding string
---@return table lsp.Position
function M.line_end(bufnr, row, encoding)
  local line = vim.api.nvim_buf_get_lines(bufnr, row, row + 1, false)[1] or ''
  return { line = row, character = M.column(line, #line, encoding) }
end

--- The position of the cursor in the current window.
---@param encoding string
---@return table lsp.Position
function M.of_cursor(encoding)
  local row, byte = unpack(vim.api.nvim_win_get_cursor(0))
  local line = vim.api.nvim_get_current_line()
  return { line = row - 1, character = M.column(line, math.min(byte, #line), encoding) }
end

--- The byte index of a column; that of the end of the line where there is no such column.
---@param line string
---@param column integer
---@param encoding string
---@return integer from 0 to #line
function M.byte(line, column, encoding)
  if encoding == 'utf-8' then return math.min(column, #line) end
  if by_name then return vim.str_byteindex(line, encoding, column, false) end
  local ok, byte = pcall(vim.str_byteindex, line, column, encoding == 'utf-16')
  return ok and byte or #line
end

return M
