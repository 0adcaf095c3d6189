-- Documents that the server writes: transcripts, prompts, reviews, pages. Owns how they lie in buffers, and how a change by
-- the server leaves the user's view and undo alone. What is in them is the server's.
local windows = require('glossator.windows')
local M = {}

---@class glossator.Document
---@field kind 'transcript'|'prompt'|'page'
---@field root string root of the server that it belongs to
---@field session? string

local known = {} ---@type table<string, glossator.Document> by path

--- Whether a buffer shows the hunks of a turn.
---@param bufnr integer
---@return boolean
function M.is_review(bufnr) return vim.api.nvim_buf_get_name(bufnr):match('/sessions/[^/]+/T%-%d+%.diff$') ~= nil end

--- The document in a buffer.
---@param bufnr integer
---@return glossator.Document?
function M.get(bufnr) return vim.api.nvim_buf_is_valid(bufnr) and known[vim.api.nvim_buf_get_name(bufnr)] or nil end

--- Whether a buffer shows a document of a server.
---@param bufnr integer
---@return boolean
function M.is_ours(bufnr) return vim.api.nvim_buf_is_valid(bufnr) and (M.get(bufnr) ~= nil or M.is_review(bufnr)) end

--- The root of the server that a document belongs to; empty where only its name tells that it is one.
---@param bufnr integer
---@return string? `nil` for other buffers
function M.root(bufnr)
  if not M.is_ours(bufnr) then return end
  return (M.get(bufnr) or {}).root or ''
end

--- Whether a file lies beside a transcript that is known, or below.
---@param path string
---@return boolean
function M.is_beside(path)
  return vim.iter(known):any(function(other, document)
    return document.kind == 'transcript' and vim.startswith(path, vim.fs.dirname(other) .. '/')
  end)
end

-- A transcript is read only and has no undo: what streams in is nobody's edit; one that nobody sees is not kept up to date. A
-- prompt is written by `:write`, which sends.
local settings = {
  transcript = { buftype = 'nofile', undolevels = -1, modifiable = false, bufhidden = 'unload' },
  prompt = { buftype = 'acwrite', bufhidden = 'hide' },
  page = { bufhidden = 'hide' },
}

--- Loads a document of a server into a buffer that is in no list and has no swap file, and attaches the server.
---@param uri string
---@param document glossator.Document
---@return integer bufnr
function M.load(uri, document)
  local path = vim.uri_to_fname(uri)
  local bufnr = vim.fn.bufadd(path)
  known[vim.api.nvim_buf_get_name(bufnr)] = document
  if not vim.api.nvim_buf_is_loaded(bufnr) then
    vim.bo[bufnr].buftype = '' -- of one that was unloaded; only a normal buffer is read from its file
    vim.cmd(('noswapfile call bufload(%d)'):format(bufnr))
    vim.bo[bufnr].swapfile = false
    vim.bo[bufnr].buflisted = false
    if vim.bo[bufnr].filetype == '' then vim.bo[bufnr].filetype = 'markdown' end
    for name, value in pairs(settings[document.kind]) do vim.bo[bufnr][name] = value end
  end
  require('glossator.server').attach(bufnr)
  return bufnr
end

-- Where each window that shows a buffer stands: at the end, which it follows, or somewhere, where it stays.
local function views(bufnr)
  local last = vim.api.nvim_buf_line_count(bufnr)
  local found = {}
  for _, window in ipairs(vim.fn.win_findbuf(bufnr)) do
    local at_end = vim.api.nvim_win_get_cursor(window)[1] == last
    found[window] = at_end or vim.api.nvim_win_call(window, vim.fn.winsaveview)
  end
  return found
end

local function restore(bufnr, found)
  local last = vim.api.nvim_buf_line_count(bufnr)
  for window, view in pairs(found) do
    if view == true then
      vim.api.nvim_win_set_cursor(window, { last, 0 })
    else
      vim.api.nvim_win_call(window, function() vim.fn.winrestview(view) end)
    end
  end
end

--- Lets `act` change a document: no window of a transcript moves but those that are at its end, and what the server wrote is
--- nobody's unsaved work, so that it keeps no editor from being closed.
---@param bufnr integer
---@param act fun()
function M.change(bufnr, act)
  local document = M.get(bufnr)
  local listed, modifiable = vim.bo[bufnr].buflisted, vim.bo[bufnr].modifiable
  local found = document and document.kind == 'transcript' and views(bufnr) or {}
  vim.bo[bufnr].modifiable = true
  local ok, why = pcall(act)
  vim.bo[bufnr].modifiable = modifiable
  vim.bo[bufnr].buflisted = listed
  vim.bo[bufnr].modified = false
  restore(bufnr, found)
  if document and document.kind == 'prompt' then require('glossator.prompt').settle(bufnr) end
  if not ok then error(why, 0) end
end

--- Shows a document that is no part of the chat, in the window that files are shown in.
---@param uri string
---@param root string root of its server
---@param row? integer the line to go to, from 0
function M.show(uri, root, row)
  local bufnr = M.load(uri, { kind = 'page', root = root })
  windows.go_to_main()
  vim.cmd("normal! m'")
  vim.api.nvim_win_set_buf(0, bufnr)
  if row then pcall(vim.api.nvim_win_set_cursor, 0, { math.min(row + 1, vim.api.nvim_buf_line_count(bufnr)), 0 }) end
end

local function inside(path, client)
  return vim.iter(client.workspace_folders or {}):any(function(folder) return vim.startswith(path, folder.name .. '/') end)
end

--- Handler of `window/showDocument`: nothing is opened in a window of the chat, and what does not lie in the workspace is a
--- document of the server's.
function M.show_handler(err, params, context)
  local client = vim.lsp.get_client_by_id(context.client_id)
  local default = vim.lsp.handlers['window/showDocument']
  if not client or type(params) ~= 'table' or type(params.uri) ~= 'string' or params.external or not params.uri:match('^file://') then
    return default(err, params, context)
  end
  local path = vim.uri_to_fname(params.uri)
  local document = known[path]
  if document and document.kind ~= 'page' then
    require('glossator.chat').show(client, document.session, document.kind)
    return { success = true }
  end
  if document or not inside(path, client) then
    M.show(params.uri, client.config.root_dir, vim.tbl_get(params, 'selection', 'start', 'line'))
    return { success = true }
  end
  if params.takeFocus ~= false then windows.go_to_main() end
  return default(err, params, context)
end

return M
