-- The menu of `@` and `/` in the prompt. From Neovim 0.11 on it is the editor's own; before, this module asks the server as the
-- user types and shows what it answers, if the user has not typed on meanwhile.
local client_of = require('glossator.client')
local position = require('glossator.position')
local M = {}

local saved ---@type string? 'completeopt' of the user, while the menu has its own

-- A completion plugin that asks language servers by itself.
local function has_plugin()
  return vim.iter({ 'cmp', 'blink.cmp', 'coq', 'mini.completion' }):any(function(name) return package.loaded[name] ~= nil end)
end

-- Whether the cursor is behind something that may be completed.
local function is_wanted()
  local before = vim.api.nvim_get_current_line():sub(1, vim.api.nvim_win_get_cursor(0)[2])
  return before:match('^/[%w-]*$') or before:match('^@%S*$') or before:match('%s@%S*$')
end

-- The items of the server as Neovim wants them, and the column (from 1) where they begin.
local function matches(result, line, encoding)
  local found, column = {}, nil
  for _, item in ipairs(type(result) == 'table' and (result.items or result) or {}) do
    local edit = item.textEdit
    local range = edit and (edit.range or edit.replace)
    if range then
      column = column or position.byte(line, range.start.character, encoding) + 1
      found[#found + 1] = { word = edit.newText, abbr = item.label, menu = item.detail or '', dup = 1, icase = 1 }
    end
  end
  return found, column
end

-- The menu takes nothing by itself.
local function show(column, found)
  saved = saved or vim.o.completeopt
  vim.o.completeopt = 'menuone,noselect'
  vim.fn.complete(column, found)
end

-- The user's own way of completing comes back when the menu is gone; one that is only replaced ends, too, but is followed by
-- the next one at once.
local function restore()
  vim.schedule(function()
    local goes_on = vim.api.nvim_get_mode().mode:match('^i') and vim.fn.complete_info({ 'mode' }).mode ~= ''
    if saved and not goes_on then
      vim.o.completeopt, saved = saved, nil
    end
  end)
end

local function ask(bufnr, client_id)
  local client = vim.lsp.get_client_by_id(client_id) or vim.lsp.get_clients({ bufnr = bufnr, name = 'glossator' })[1]
  if not client or not is_wanted() or vim.fn.complete_info({ 'selected' }).selected ~= -1 then return end
  local tick, line = vim.api.nvim_buf_get_changedtick(bufnr), vim.api.nvim_get_current_line()
  local params = {
    textDocument = { uri = vim.uri_from_bufnr(bufnr) }, position = position.of_cursor(client.offset_encoding),
    context = { triggerKind = 1 },
  }
  client_of.request(client, 'textDocument/completion', params, function(result)
    local same = vim.api.nvim_get_current_buf() == bufnr and vim.api.nvim_buf_get_changedtick(bufnr) == tick
    if not same or not vim.api.nvim_get_mode().mode:match('^i') then return end
    local found, column = matches(result, line, client.offset_encoding)
    if column then show(column, found) end
  end, function() end)
end

--- Lets a prompt be completed.
---@param bufnr integer
---@param client vim.lsp.Client
function M.enable(bufnr, client)
  local wanted = require('glossator').config.completion
  if wanted == false then return end
  local by_itself = wanted == true or not has_plugin()
  if vim.lsp.completion and vim.lsp.completion.enable then
    vim.bo[bufnr].completeopt = 'menuone,noselect,popup'
    vim.lsp.completion.enable(true, client.id, bufnr, { autotrigger = by_itself })
  elseif by_itself then
    local group = vim.api.nvim_create_augroup('glossator.complete.' .. bufnr, { clear = true })
    vim.api.nvim_create_autocmd({ 'TextChangedI', 'TextChangedP' }, {
      group = group, buffer = bufnr, callback = function() ask(bufnr, client.id) end,
    })
    vim.api.nvim_create_autocmd({ 'CompleteDone', 'InsertLeave' }, { group = group, buffer = bufnr, callback = restore })
  end
  vim.bo[bufnr].omnifunc = 'v:lua.vim.lsp.omnifunc'
end

return M
