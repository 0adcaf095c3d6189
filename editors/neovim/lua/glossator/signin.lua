-- Signing in by key, and the first run: says what to do while no model can be asked, and is silent as soon as one can.
local client_of = require('glossator.client')
local server = require('glossator.server')
local M = {}

local function providers(result) return type(result) == 'table' and type(result.providers) == 'table' and result.providers or {} end

--- A server was started: tells once what to do where no model can be asked yet.
---@param client vim.lsp.Client
function M.look(client)
  client_of.request(client, 'glossator/auth/status', {}, function(result)
    if type(result) ~= 'table' or result.ready ~= false then return end
    local first = type(result.message) == 'string' and result.message:match('^.-%.%f[%s%z]') or 'No model can be asked yet.'
    client_of.notify(first .. ' :Glossator login stores a key, :Glossator model picks a model.', vim.log.levels.WARN)
  end, function() end)
end

local function line_of(provider)
  local state = provider.ready and 'ready' or provider.needsKey and 'wants a key' or 'needs no key'
  local source = provider.source and (', from the %s'):format(provider.source) or ''
  return ('%s  (%s%s)'):format(provider.id, state, source)
end

local function store(client, provider)
  local ok, key = pcall(vim.fn.inputsecret, ('Key for %s (empty: list the ways): '):format(provider))
  vim.cmd.redraw()
  if not ok then return end
  local params = { provider = provider, key = key ~= '' and key or nil }
  client_of.request(client, 'glossator/auth/login', params, function(result)
    local message = type(result) == 'table' and result.message
    if not message then return end
    if key == '' then return require('glossator.scratch').open(vim.split(message, '\n', { plain = true }), 'markdown') end
    client_of.notify(message)
    -- With a key and no model there is one thing left to do.
    client_of.request(client, 'glossator/auth/status', {}, function(status)
      local is_ready = vim.iter(providers(status)):any(function(one) return one.id == provider and one.ready end)
      if type(status) == 'table' and status.ready == false and is_ready then require('glossator.pick').model('') end
    end, function() end)
  end)
end

-- Calls `done` with the provider that is named, or that the user picks.
local function choose(name, prompt, fits, done)
  server.ready(function(client)
    if name ~= '' then return done(client, name) end
    client_of.request(client, 'glossator/auth/status', {}, function(result)
      local found = vim.tbl_filter(fits, providers(result))
      if #found == 0 then return client_of.notify(type(result) == 'table' and result.message or 'there is no provider to choose from') end
      vim.ui.select(found, { prompt = prompt, kind = 'glossator', format_item = line_of }, function(chosen)
        if chosen then done(client, chosen.id) end
      end)
    end)
  end)
end

--- Stores the key of a provider, which is typed unseen and goes to the server alone.
---@param name string empty: the user picks one
function M.login(name)
  choose(name, 'Sign in to which provider?', function(one) return one.needsKey end, store)
end

--- Removes the stored key of a provider.
---@param name string empty: the user picks one
function M.logout(name)
  local function is_stored(one) return one.source == 'keyring' or one.source == 'file' end
  choose(name, 'Remove the key of which provider?', is_stored, function(client, provider)
    client_of.request(client, 'glossator/auth/logout', { provider = provider }, function(result)
      if type(result) == 'table' and result.message then client_of.notify(result.message) end
    end)
  end)
end

return M
