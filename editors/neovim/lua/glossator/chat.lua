-- The chat: a scratch Markdown buffer for each session, filled at most ten times a second. It never takes the focus, and
-- a window follows the text only while its cursor is on the last line.
local M = {}

local interval = 100 -- milliseconds between two writes
local longest = 20000 -- lines kept; older ones leave at the top

---@class glossator.Chat
---@field bufnr? integer
---@field pending string text that waits for the next write
---@field tail string the last two characters of all text, pending included
---@field written number when the last write was, in milliseconds
---@field scheduled boolean

local chats = {} ---@type table<string, glossator.Chat>

local function chat_of(session)
  local chat = chats[session.id]
  if not chat then
    chat = { pending = '', tail = '', written = 0, scheduled = false }
    chats[session.id] = chat
  end
  return chat
end

local function buffer(session)
  local chat = chat_of(session)
  if chat.bufnr and vim.api.nvim_buf_is_valid(chat.bufnr) then
    if not vim.api.nvim_buf_is_loaded(chat.bufnr) then vim.fn.bufload(chat.bufnr) end
    return chat.bufnr
  end
  local bufnr = vim.api.nvim_create_buf(false, true)
  chat.bufnr = bufnr
  vim.api.nvim_buf_set_name(bufnr, 'glossator://chat/' .. session.id)
  vim.bo[bufnr].bufhidden = 'hide'
  vim.bo[bufnr].undolevels = -1
  vim.bo[bufnr].filetype = 'markdown'
  vim.bo[bufnr].modifiable = false
  for key, command in pairs({ ['<CR>'] = 'ask', q = 'chat' }) do
    vim.keymap.set('n', key, '<Cmd>Glossator ' .. command .. '<CR>', { buffer = bufnr, nowait = true })
  end
  return bufnr
end

local function followers(bufnr)
  local last = vim.api.nvim_buf_line_count(bufnr)
  return vim.tbl_filter(
    function(window) return vim.api.nvim_win_get_cursor(window)[1] == last end,
    vim.fn.win_findbuf(bufnr)
  )
end

local function write(session)
  local chat = chat_of(session)
  chat.scheduled = false
  if chat.pending == '' then return end
  chat.written = vim.uv.now()
  local bufnr = buffer(session)
  local windows = followers(bufnr)
  local last = vim.api.nvim_buf_line_count(bufnr) - 1
  local column = #vim.api.nvim_buf_get_lines(bufnr, last, last + 1, false)[1]
  local text = chat.pending:gsub('\r', ''):gsub('%z', '')
  chat.pending = ''
  vim.bo[bufnr].modifiable = true
  vim.api.nvim_buf_set_text(bufnr, last, column, last, column, vim.split(text, '\n', { plain = true }))
  local surplus = vim.api.nvim_buf_line_count(bufnr) - longest
  if surplus > 0 then vim.api.nvim_buf_set_lines(bufnr, 0, surplus, false, {}) end
  vim.bo[bufnr].modifiable = false
  local bottom = vim.api.nvim_buf_line_count(bufnr)
  for _, window in ipairs(windows) do vim.api.nvim_win_set_cursor(window, { bottom, 0 }) end
end

--- Adds text as it is, behind what is there.
---@param session glossator.Session
---@param text string
function M.append(session, text)
  if text == '' then return end
  local chat = chat_of(session)
  chat.pending = chat.pending .. text
  chat.tail = (chat.tail .. text):sub(-2)
  if chat.scheduled then return end
  chat.scheduled = true
  local wait = math.max(0, interval - (vim.uv.now() - chat.written))
  vim.defer_fn(function() write(session) end, wait)
end

--- Takes everything away.
---@param session glossator.Session
function M.clear(session)
  local chat = chat_of(session)
  chat.pending, chat.tail = '', ''
  local bufnr = buffer(session)
  vim.bo[bufnr].modifiable = true
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, {})
  vim.bo[bufnr].modifiable = false
end

--- Adds text on a line of its own.
---@param session glossator.Session
---@param text string
function M.line(session, text)
  local tail = chat_of(session).tail
  M.append(session, ((tail == '' or tail:sub(-1) == '\n') and '' or '\n') .. text)
end

--- Adds text as a paragraph of its own.
---@param session glossator.Session
---@param text string
function M.block(session, text)
  local tail = chat_of(session).tail
  local gap = (tail == '' or tail == '\n\n') and '' or (tail:sub(-1) == '\n' and '\n' or '\n\n')
  M.append(session, gap .. text)
end

--- Shows the chat in a split at the right edge, or hides it. The focus stays where it is.
---@param session glossator.Session
function M.toggle(session)
  local bufnr = buffer(session)
  local shown = vim.tbl_filter(
    function(window) return vim.api.nvim_win_get_tabpage(window) == vim.api.nvim_get_current_tabpage() end,
    vim.fn.win_findbuf(bufnr)
  )
  if #shown > 0 then
    for _, window in ipairs(shown) do pcall(vim.api.nvim_win_close, window, false) end
    return
  end
  local window = vim.api.nvim_open_win(bufnr, false, { split = 'right', win = -1 })
  vim.wo[window].wrap = true
  vim.wo[window].linebreak = true
  vim.wo[window].number = false
  vim.wo[window].signcolumn = 'no'
  vim.api.nvim_win_set_cursor(window, { vim.api.nvim_buf_line_count(bufnr), 0 })
end

return M
