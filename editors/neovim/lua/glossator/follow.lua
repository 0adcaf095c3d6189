-- Keeps servers told of every change. Neovim (0.10 to 0.12) stops following a buffer that is changed while no server is
-- attached to it, and never begins again: a server that is started later would go on with old text for ever.
local M = {}

local resets_versions = vim.fn.has('nvim-0.11') == 0
local versions = {} ---@type table<integer, integer> what the server was told last, by buffer
local followed = {} ---@type table<integer, boolean> buffers that this module is attached to
local left = {} ---@type table<integer, boolean> buffers that Neovim does not follow any more

local function changed(_, bufnr, tick, first, last, new_last)
  if #vim.lsp.get_clients({ bufnr = bufnr, _uninitialized = true }) == 0 then
    left[bufnr] = true -- by the same test as Neovim's
  elseif left[bufnr] and #vim.lsp.get_clients({ bufnr = bufnr }) > 0 then
    vim.lsp.util.buf_versions[bufnr] = tick
    require('vim.lsp._changetracking').send_changes(bufnr, first, last, new_last)
  end
  versions[bufnr] = tick
end

local function reloaded(_, bufnr)
  versions[bufnr] = vim.lsp.util.buf_versions[bufnr]
  if not left[bufnr] then return end
  for _, client in ipairs(vim.lsp.get_clients({ bufnr = bufnr })) do
    vim.lsp.buf_detach_client(bufnr, client.id)
    vim.lsp.buf_attach_client(bufnr, client.id)
  end
end

--- Follows a buffer from now on. To be called for each buffer that got a server, and so is followed by Neovim.
---@param bufnr integer
function M.follow(bufnr)
  if followed[bufnr] then return end
  followed[bufnr] = vim.api.nvim_buf_attach(bufnr, false, {
    on_lines = changed,
    on_reload = reloaded,
    on_detach = function()
      followed[bufnr], versions[bufnr] = nil, nil
    end,
  })
end

--- A server was told of a buffer. Neovim 0.10 begins to count the buffer's versions anew then, for all servers: those that
--- were told of it before are sent numbers that go back, and their edits are refused as stale.
---@param bufnr integer
---@param is_ours boolean
function M.opened(bufnr, is_ours)
  if is_ours then
    versions[bufnr] = vim.lsp.util.buf_versions[bufnr]
  elseif resets_versions and versions[bufnr] then
    vim.lsp.util.buf_versions[bufnr] = versions[bufnr]
  end
end

return M
