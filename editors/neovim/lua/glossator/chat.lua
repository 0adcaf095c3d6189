-- The chat: the server's transcript in one window, its prompt document below. Owns these windows, the keys of the transcript
-- and which session they show; the text in them is the server's and the user's.
local client_of = require('glossator.client')
local documents = require('glossator.documents')
local windows = require('glossator.windows')
local M = {}

---@class glossator.Layout the chat in one tab page
---@field session string
---@field root string root of the server
---@field transcript integer window
---@field prompt integer window

local layouts = {} ---@type table<integer, glossator.Layout> by tab page

local function config() return require('glossator').config.chat end
local function server() return require('glossator.server') end

local function is_open(layout)
  return layout and vim.api.nvim_win_is_valid(layout.transcript) and vim.api.nvim_win_is_valid(layout.prompt)
end

-- The chat of the current tab page, if it is open.
local function here()
  local layout = layouts[vim.api.nvim_get_current_tabpage()]
  return is_open(layout) and layout or nil
end

local function set(window, options)
  for name, value in pairs(options) do vim.api.nvim_set_option_value(name, value, { scope = 'local', win = window }) end
end

local function to_end(window)
  vim.api.nvim_win_set_cursor(window, { vim.api.nvim_buf_line_count(vim.api.nvim_win_get_buf(window)), 0 })
end

local function close(layout)
  for _, window in ipairs({ layout.prompt, layout.transcript }) do
    if vim.api.nvim_win_is_valid(window) then pcall(vim.api.nvim_win_close, window, false) end
  end
end

-- A window that is closed takes the other one along.
local function close_together(layout)
  for _, window in ipairs({ layout.transcript, layout.prompt }) do
    vim.api.nvim_create_autocmd('WinClosed', {
      pattern = tostring(window), once = true,
      callback = function() vim.schedule(function() close(layout) end) end,
    })
  end
end

local look = {
  number = false, relativenumber = false, signcolumn = 'no', foldcolumn = '0', colorcolumn = '', spell = false, list = false,
  cursorline = false, wrap = true, linebreak = true, breakindent = true,
}

local function size(part, whole) return part < 1 and math.max(20, math.floor(whole * part)) or math.floor(part) end

-- What a window looks like depends on its buffer, too: said again whenever it gets another one.
local function dress(layout)
  local beside = config().position == 'left' or config().position == 'right'
  set(layout.transcript, look)
  set(layout.prompt, look)
  set(layout.transcript, { winbar = "%{v:lua.require'glossator'.winbar()}", winfixwidth = beside })
  set(layout.prompt, { winbar = require('glossator.prompt').hint(), winfixwidth = beside, winfixheight = true })
  if vim.o.laststatus ~= 3 then -- their names are long paths
    set(layout.transcript, { statusline = " %{v:lua.require'glossator'.statusline()}%<" })
    set(layout.prompt, { statusline = ' Glossator prompt' })
  end
  if vim.lsp.foldexpr then
    set(layout.transcript, { foldmethod = 'expr', foldexpr = 'v:lua.vim.lsp.foldexpr()', foldlevel = 99, foldtext = '' })
  end
end

local function open_windows(transcript, prompt)
  local wanted = config()
  local beside = wanted.position == 'left' or wanted.position == 'right'
  local split = { split = wanted.position, win = -1 }
  if beside then split.width = size(wanted.size, vim.o.columns) else split.height = size(wanted.size, vim.o.lines) end
  local above = vim.api.nvim_open_win(transcript, false, split)
  local below = vim.api.nvim_open_win(prompt, false, { split = 'below', win = above, height = wanted.prompt_height })
  dress({ transcript = above, prompt = below })
  windows.of_chat(above)
  windows.of_chat(below)
  return { transcript = above, prompt = below }
end

-- Shows the two buffers in the windows of this tab page, which are made if need be.
local function put(transcript, prompt)
  local layout = here()
  if not layout then
    layout = open_windows(transcript, prompt)
    layouts[vim.api.nvim_get_current_tabpage()] = layout
    close_together(layout)
    to_end(layout.transcript)
    to_end(layout.prompt)
  elseif vim.api.nvim_win_get_buf(layout.transcript) ~= transcript or vim.api.nvim_win_get_buf(layout.prompt) ~= prompt then
    vim.api.nvim_win_set_buf(layout.transcript, transcript)
    vim.api.nvim_win_set_buf(layout.prompt, prompt)
    dress(layout)
    to_end(layout.transcript)
    to_end(layout.prompt)
  end
  return layout
end

-- Opens what a link in a document of ours leads to; a line may be named behind `#`.
local function open_target(target, root)
  local place, line = target:match('^(file://.-)#L?(%d+)')
  if not place and not target:match('^file://') then return vim.ui.open(target) end
  local path = vim.uri_to_fname(place or target:match('^[^#]*'))
  local row = line and tonumber(line) - 1
  if documents.is_beside(path) then return documents.show(vim.uri_from_fname(path), root, row) end
  windows.go_to_main()
  vim.cmd.edit({ args = { vim.fn.fnameescape(path) }, magic = { file = false } })
  if row then pcall(vim.api.nvim_win_set_cursor, 0, { row + 1, 0 }) end
end

local function covers(range, position)
  local from, to = range.start, range['end']
  local after = position.line > from.line or (position.line == from.line and position.character >= from.character)
  return after and (position.line < to.line or (position.line == to.line and position.character < to.character))
end

--- Opens what stands under the cursor in a document of ours: a link, a turn, a hunk, an output.
function M.open_here()
  local bufnr = vim.api.nvim_get_current_buf()
  local client = vim.lsp.get_clients({ bufnr = bufnr, name = 'glossator' })[1]
  if not client then return client_of.notify('no server runs for this document; :Glossator restart') end
  local uri = vim.uri_from_bufnr(bufnr)
  local position = require('glossator.position').of_cursor(client.offset_encoding)
  local function open_place() client_of.execute(client, 'open', { { uri = uri, position = position } }) end
  client_of.request(client, 'textDocument/documentLink', { textDocument = { uri = uri } }, function(links)
    local link = vim.iter(type(links) == 'table' and links or {}):find(function(one) return covers(one.range, position) end)
    if not link then return open_place() end
    if link.target then return open_target(link.target, client.config.root_dir) end
    client_of.request(client, 'documentLink/resolve', link, function(resolved)
      if type(resolved) == 'table' and resolved.target then return open_target(resolved.target, client.config.root_dir) end
      open_place()
    end)
  end, open_place)
end

local function write_prompt()
  local layout = here()
  if not layout then return end
  vim.api.nvim_set_current_win(layout.prompt)
  vim.cmd.startinsert({ bang = true })
end

local transcript_keys = {
  ['<CR>'] = { M.open_here, 'Open what is under the cursor' },
  a = { function() vim.lsp.buf.code_action() end, 'Actions of the turn under the cursor' },
  i = { write_prompt, 'Write a prompt' },
  q = { function() M.toggle() end, 'Hide the chat' },
  ['<C-c>'] = { function() vim.cmd('Glossator stop') end, 'Stop the turn' },
}

local function set_keys(bufnr, keys)
  for key, row in pairs(keys) do vim.keymap.set('n', key, row[1], { buffer = bufnr, nowait = true, desc = row[2] }) end
end

--- Shows the chat of a session in this tab page. The focus stays where it is unless a window of the chat is named.
---@param client vim.lsp.Client
---@param session string
---@param focus? 'prompt'|'transcript'
---@param done? fun(prompt: integer) called with the buffer of the prompt
function M.show(client, session, focus, done)
  client_of.execute(client, 'chat', { { sessionId = session, show = false } }, function(result)
    if type(result) ~= 'table' or not result.transcript or not result.prompt then return end
    local root = client.config.root_dir
    local id = result.sessionId or session
    local transcript = documents.load(result.transcript, { kind = 'transcript', root = root, session = id })
    local prompt = documents.load(result.prompt, { kind = 'prompt', root = root, session = id })
    set_keys(transcript, transcript_keys)
    require('glossator.prompt').prepare(prompt, client)
    local layout = put(transcript, prompt)
    layout.session, layout.root = id, root
    require('glossator.session').look(client, id)
    require('glossator.prompt').settle(prompt)
    if focus then vim.api.nvim_set_current_win(layout[focus]) end
    if done then done(prompt) end
  end)
end

--- Keeps a prompt that could not be sent, to be sent from the prompt document.
---@param client vim.lsp.Client
---@param session string
---@param text string
function M.keep(client, session, text)
  M.show(client, session, nil, function(prompt) require('glossator.prompt').add(prompt, text) end)
end

--- A server goes on with another session: an open chat of it follows.
---@param client vim.lsp.Client
---@param session string
function M.follow(client, session)
  local layout = here()
  if layout and layout.root == client.config.root_dir then M.show(client, session) end
end

--- Shows the chat and goes to the prompt; hides it when the cursor is in it already.
function M.toggle()
  local layout = here()
  if layout and windows.is_chat(vim.api.nvim_get_current_win()) then return close(layout) end
  -- At once, since what the user types next is meant for it.
  if layout and layout.root then return vim.api.nvim_set_current_win(layout.prompt) end
  server().ready(function(client)
    require('glossator.session').get(client, function(session) M.show(client, session.id, 'prompt') end)
  end)
end

return M
