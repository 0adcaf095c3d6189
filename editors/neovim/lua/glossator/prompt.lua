-- The prompt document in its buffer: keys and `:write` that send. What is sent is read by the server.
local client_of = require('glossator.client')
local M = {}

local prepared = {} ---@type table<integer, boolean> buffers that have their keys

--- What the keys of the prompt do, as 'winbar' has it: where there is little room, the first one stays.
---@return string
function M.hint() return 'Enter send · ^Q queue · ^C stop · @ files · / commands%<' end

-- Runs a command of the server that takes its text from a prompt document; says whether there was a server.
local function run(bufnr, command, arguments)
  local client = vim.lsp.get_clients({ bufnr = bufnr, name = 'glossator' })[1]
  if not client then
    client_of.notify('no server runs for this prompt; :Glossator restart, then send it again', vim.log.levels.WARN)
    return false
  end
  client_of.execute(client, command, arguments)
  return true
end

-- The words of a prompt, for requests that take a text: without the server's comment at its head.
local function words(bufnr)
  local text = table.concat(vim.api.nvim_buf_get_lines(bufnr, 0, -1, false), '\n')
  return vim.trim((text:gsub('<!%-%-.-%-%->', '')))
end

--- Sends what is written in a prompt document. While a turn runs the text is added to it.
---@param bufnr integer
---@return boolean whether there was a server to send it to
function M.send(bufnr) return run(bufnr, 'send', { { uri = vim.uri_from_bufnr(bufnr) } }) end

--- Lets what is written in a prompt document wait for its turn.
---@param bufnr integer
function M.queue(bufnr)
  if words(bufnr) == '' then return client_of.notify('the prompt is empty') end
  run(bufnr, 'queue', { { uri = vim.uri_from_bufnr(bufnr) } })
end

local function map(bufnr, modes, key, act, desc)
  vim.keymap.set(modes, key, function() act(bufnr) end, { buffer = bufnr, nowait = true, desc = 'Glossator: ' .. desc })
end

-- The line below the server's comment at the head of a prompt document, from 1; nil where there is no such comment.
local function below_head(bufnr)
  local lines = vim.api.nvim_buf_get_lines(bufnr, 0, 20, false)
  if not vim.startswith(lines[1] or '', '<!-- Glossator') then return end
  for row, line in ipairs(lines) do
    if line:find('-->', 1, true) then return row + 1 end
  end
end

-- The cursor never stands in that comment: what is typed there would be no part of the prompt.
local function leave_head(bufnr, window)
  local row = below_head(bufnr)
  if not row or vim.api.nvim_win_get_cursor(window)[1] >= row then return end
  local count = vim.api.nvim_buf_line_count(bufnr)
  local empty = row < count and vim.api.nvim_buf_get_lines(bufnr, row - 1, row, false)[1] == '' and row + 1 or row
  if empty > count then vim.api.nvim_buf_set_lines(bufnr, count, count, false, { '' }) end
  vim.api.nvim_win_set_cursor(window, { math.min(empty, vim.api.nvim_buf_line_count(bufnr)), 0 })
end

-- What is written is the server's to keep, so that it never keeps Neovim from being left; without a server it is unsaved work.
local function watch(bufnr)
  local group = vim.api.nvim_create_augroup('glossator.prompt.' .. bufnr, { clear = true })
  vim.api.nvim_create_autocmd('BufWriteCmd', {
    group = group, buffer = bufnr,
    callback = function()
      if M.send(bufnr) then vim.bo[bufnr].modified = false end
    end,
  })
  vim.api.nvim_create_autocmd('InsertEnter', {
    group = group, buffer = bufnr,
    callback = function()
      leave_head(bufnr, vim.api.nvim_get_current_win())
      vim.v.char = 'x' -- else the cursor goes back
    end,
  })
  vim.api.nvim_create_autocmd({ 'TextChanged', 'TextChangedI', 'TextChangedP' }, {
    group = group, buffer = bufnr,
    callback = function()
      if #vim.lsp.get_clients({ bufnr = bufnr, name = 'glossator' }) > 0 then vim.bo[bufnr].modified = false end
    end,
  })
end

--- Scrolls the server's first line, which says what our own hint says, out of the windows of a prompt document, and takes the
--- cursor out of it.
---@param bufnr integer
function M.settle(bufnr)
  if not below_head(bufnr) then return end
  for _, window in ipairs(vim.fn.win_findbuf(bufnr)) do
    leave_head(bufnr, window)
    vim.api.nvim_win_call(window, function()
      if vim.fn.line('w0') == 1 and vim.fn.line('.') > 1 then vim.fn.winrestview({ topline = 2 }) end
    end)
  end
end

--- Makes a buffer with a prompt document ready to be written in.
---@param bufnr integer
---@param client vim.lsp.Client
function M.prepare(bufnr, client)
  require('glossator.completion').enable(bufnr, client)
  if prepared[bufnr] then return end
  prepared[bufnr] = true
  map(bufnr, 'n', '<CR>', M.send, 'send the prompt')
  map(bufnr, { 'n', 'i' }, '<C-s>', M.send, 'send the prompt')
  map(bufnr, { 'n', 'i' }, '<C-q>', M.queue, 'queue the prompt')
  map(bufnr, 'n', '<C-c>', function() vim.cmd('Glossator stop') end, 'stop the turn')
  watch(bufnr)
  vim.api.nvim_create_autocmd('BufWipeout', { buffer = bufnr, once = true, callback = function() prepared[bufnr] = nil end })
end

--- Writes a text into a prompt document, behind what stands there, if it is not there yet.
---@param bufnr integer
---@param text string
function M.add(bufnr, text)
  local lines = vim.api.nvim_buf_get_lines(bufnr, 0, -1, false)
  if ('\n' .. words(bufnr) .. '\n'):find('\n' .. text .. '\n', 1, true) then return end
  local first = lines[#lines] == '' and #lines - 1 or #lines
  vim.api.nvim_buf_set_lines(bufnr, first, -1, false, vim.split(text, '\n', { plain = true }))
  vim.bo[bufnr].modified = false
end

return M
