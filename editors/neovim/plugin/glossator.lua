-- Defines `:Glossator`; everything else is loaded when it is first used.
if vim.g.loaded_glossator then return end
vim.g.loaded_glossator = true

if vim.fn.has('nvim-0.10') == 0 then
  vim.notify('Glossator needs Neovim 0.10 or newer', vim.log.levels.ERROR)
  return
end

vim.api.nvim_create_user_command('Glossator', function(options) require('glossator.command').run(options) end, {
  nargs = '*',
  range = true,
  desc = 'Glossator: a coding agent; without more it says what there is',
  complete = function(lead, line) return require('glossator.command').complete(lead, line) end,
})
