-- The prompt document in its buffer: keys and `:write` that send. What is sent is read by the server.
local client_of = require('glossator.client')
local M = {}

local prepared = {} ---@type table<integer, boolean> buffers that have their keys

--- What the keys of the prompt do, in a line.
---@return string
function M.hint() return 'Enter send · Ctrl-Q queue · Ctrl-C stop · @ files · / commands' end

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
  run(bufnr, 'queue')
end

local function map(bufnr, modes, key, act, desc)
  vim.keymap.set(modes, key, function() act(bufnr) end, { buffer = bufnr, nowait = true, desc = 'Glossator: ' .. desc })
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
  vim.api.nvim_create_autocmd({ 'TextChanged', 'TextChangedI', 'TextChangedP' }, {
    group = group, buffer = bufnr,
    callback = function()
      if #vim.lsp.get_clients({ bufnr = bufnr, name = 'glossator' }) > 0 then vim.bo[bufnr].modified = false end
    end,
  })
end

--- Scrolls the server's first line, which says what our own hint says, out of the windows of a prompt document.
---@param bufnr integer
function M.settle(bufnr)
  local first = vim.api.nvim_buf_get_lines(bufnr, 0, 1, false)[1] or ''
  if not vim.startswith(first, '<!-- Glossator') then return end
  for _, window in ipairs(vim.fn.win_findbuf(bufnr)) do
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
  if table.concat(lines, '\n'):find(text, 1, true) then return end
  local first = lines[#lines] == '' and #lines - 1 or #lines
  vim.api.nvim_buf_set_lines(bufnr, first, -1, false, vim.split(text, '\n', { plain = true }))
  vim.bo[bufnr].modified = false
end

return M
