-- Keys: a `<Plug>` name for each thing to do, and default keys where the user has none of their own.
local M = {}

---@class glossator.Key
---@field name string of `<Plug>(glossator-NAME)`
---@field modes string[]
---@field command string for `:Glossator`
---@field key? string the default

local table_of_keys = { ---@type glossator.Key[]
  { name = 'next-hunk', modes = { 'n' }, command = 'next', key = ']h' },
  { name = 'previous-hunk', modes = { 'n' }, command = 'previous', key = '[h' },
  { name = 'keep', modes = { 'n' }, command = 'keep', key = '<Leader>ak' },
  { name = 'reject', modes = { 'n' }, command = 'reject', key = '<Leader>ar' },
  { name = 'before', modes = { 'n' }, command = 'before', key = '<Leader>ab' },
  { name = 'undo', modes = { 'n' }, command = 'undo', key = '<Leader>au' },
  { name = 'ask', modes = { 'n', 'x' }, command = 'ask', key = '<Leader>aa' },
  { name = 'chat', modes = { 'n' }, command = 'chat', key = '<Leader>ac' },
  { name = 'answer', modes = { 'n' }, command = 'answer', key = '<Leader>aq' },
  { name = 'stop', modes = { 'n' }, command = 'stop', key = '<Leader>as' },
  { name = 'fix', modes = { 'n', 'x' }, command = 'fix' },
  { name = 'explain', modes = { 'n', 'x' }, command = 'explain' },
  { name = 'approve', modes = { 'n' }, command = 'approve' },
  { name = 'deny', modes = { 'n' }, command = 'deny' },
}

local function plug(row) return ('<Plug>(glossator-%s)'):format(row.name) end

-- Taken is a key that is mapped, that begins one that is mapped, or that begins with one.
local function is_free(key, mode) return vim.fn.mapcheck(key, mode) == '' end

-- The key that is wanted for a row, and whether the user named it.
local function key_of(row, wanted)
  if type(wanted) ~= 'table' then return wanted ~= false and row.key or nil, false end
  if wanted[row.name] == nil then return row.key, false end
  return wanted[row.name] or nil, true
end

--- Defines the `<Plug>` names, and gives keys to those that the user has mapped nothing to.
---@param wanted boolean|table<string, string|false> `false`: no keys; a table names others, or `false` for none
function M.set(wanted)
  for _, row in ipairs(table_of_keys) do
    local key, is_named = key_of(row, wanted)
    for _, mode in ipairs(row.modes) do
      local command = (mode == 'x' and ':Glossator %s<CR>' or '<Cmd>Glossator %s<CR>'):format(row.command)
      local desc = 'Glossator: ' .. row.command
      vim.keymap.set(mode, plug(row), command, { silent = true, desc = desc })
      local is_mapped = vim.fn.hasmapto(plug(row), mode) == 1
      if key and (is_named or (not is_mapped and is_free(key, mode))) then
        vim.keymap.set(mode, key, plug(row), { remap = true, desc = desc })
      end
    end
  end
end

--- Name, command, modes and default key of each; the help is made of it.
---@return glossator.Key[]
function M.all() return vim.deepcopy(table_of_keys) end

--- The key that does something in normal mode, as it is typed.
---@param name string
---@return string? nil: there is none
function M.of(name)
  local rhs = ('<Plug>(glossator-%s)'):format(name)
  local found = vim.iter(vim.api.nvim_get_keymap('n')):find(function(map) return map.rhs == rhs end)
  return found and vim.fn.keytrans(found.lhsraw) or nil
end

return M
