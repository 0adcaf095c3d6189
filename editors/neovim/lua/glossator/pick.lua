-- Lists to pick from, all through `vim.ui.select`, so that any picker plugin shows them: sessions, models, packs, policies,
-- tasks, hunks, queued prompts, what was allowed.
local client_of = require('glossator.client')
local server = require('glossator.server')
local session_of = require('glossator.session')
local M = {}

M.seen = {} ---@type string[] ids of the models that were listed last, for completion

local function select(items, prompt, format, done)
  vim.ui.select(items, { prompt = prompt, kind = 'glossator', format_item = format }, function(chosen)
    if chosen ~= nil then done(chosen) end
  end)
end

local function list(result, name)
  local found = type(result) == 'table' and result[name]
  return type(found) == 'table' and found or {}
end

local function one_line(text) return (tostring(text or ''):gsub('%s+', ' ')) end

-- Calls `with` with the client and its current session.
local function with_session(with)
  server.ready(function(client)
    session_of.get(client, function(session) with(client, session) end)
  end)
end

local function age(millis)
  local minutes = math.max(0, math.floor((os.time() * 1000 - (millis or 0)) / 60000))
  if minutes < 1 then return 'just now' end
  if minutes < 120 then return minutes .. ' min ago' end
  if minutes < 2880 then return math.floor(minutes / 60) .. ' h ago' end
  return math.floor(minutes / 1440) .. ' days ago'
end

local function session_line(session, current)
  local title = session.title ~= '' and session.title or session.lastPrompt or session.id
  local turns = session.turns and (', %d turn%s'):format(session.turns, session.turns == 1 and '' or 's') or ''
  local state = (session.running and ', running' or '') .. (session.archived and ', archived' or '')
  return ('%s%s  (%s%s%s)'):format(current == session.id and '* ' or '  ', one_line(title), age(session.updatedAt), turns, state)
end

--- Lets the user pick a session, one that holds `text` if there is some, and goes on with it.
---@param text string
function M.session(text)
  server.ready(function(client)
    local params = text ~= '' and { text = text } or {}
    client_of.request(client, 'glossator/session/list', params, function(result)
      local found = list(result, 'sessions')
      if #found == 0 then return client_of.notify(text ~= '' and ("no session holds '%s'"):format(text) or 'there is no session yet') end
      local current = (session_of.visible() or {}).id
      local function line(session) return session_line(session, current) end
      select(found, 'Go on with which session?', line, function(chosen) session_of.resume(client, chosen.id) end)
    end)
  end)
end

local function configure(key, value)
  with_session(function(client, session)
    client_of.request(client, 'glossator/session/configure', { sessionId = session.id, [key] = value }, function(result)
      if type(result) ~= 'table' then return end
      session.settings = { model = result.model, pack = result.pack, policy = result.policy }
      client_of.notify(result.message or ('%s is %s now'):format(key, value))
      vim.cmd.redrawstatus({ bang = true })
    end)
  end)
end

local function model_line(model)
  local facts = {}
  if model.contextWindow then facts[#facts + 1] = ('%d k tokens'):format(math.floor(model.contextWindow / 1000)) end
  if model.inputPrice and model.outputPrice then facts[#facts + 1] = ('$%g in, $%g out'):format(model.inputPrice, model.outputPrice) end
  -- Why it cannot be asked is said when it is chosen; here it would be said of each.
  if model.usable == false then
    facts[#facts + 1] = model.note and model.note:find('[Kk]ey') and 'no key' or 'cannot be asked yet'
  elseif model.note then
    facts[#facts + 1] = one_line(model.note)
  end
  local head = (model.current and '* ' or '  ') .. model.id
  return #facts > 0 and ('%s  (%s)'):format(head, table.concat(facts, '; ')) or head
end

-- What a provider lists comes before what is only known of it; what cannot be asked yet is a list of its own.
local function sorted(all)
  local models, others = {}, {}
  for _, is_listed in ipairs({ true, false }) do
    for _, model in ipairs(all) do
      if (model.note == nil or model.current == true) == is_listed and model.usable ~= false then models[#models + 1] = model end
    end
  end
  for _, model in ipairs(all) do
    if model.usable == false then others[#others + 1] = model end
  end
  return models, others
end

local function choice_line(choice)
  if choice.notices then return ('  (%s)'):format(vim.fn.strcharpart(one_line(choice.notices), 0, 76)) end
  if choice.others then return ('  others that cannot be asked yet, for want of a key or else (%d)'):format(#choice.others) end
  return model_line(choice)
end

--- Chooses the model of the session from its next turn on; without one a list is shown.
---@param id string
function M.model(id)
  if id ~= '' then return configure('model', id) end
  with_session(function(client, session)
    client_of.request(client, 'glossator/models/list', { sessionId = session.id }, function(result)
      local models, others = sorted(list(result, 'models'))
      local notices = list(result, 'notices')
      M.seen = vim.tbl_map(function(model) return model.id end, vim.list_extend(vim.list_slice(models), others))
      if #M.seen == 0 then return client_of.notify('no model is known; :Glossator login signs in, or name one: :Glossator model provider/id') end
      -- Why a provider lists none is looked for by who misses its models.
      if #notices > 0 then models[#models + 1] = { notices = table.concat(notices, '\n') } end
      if #others > 0 then models[#models + 1] = { others = others } end
      local prompt = 'Which model from the next turn on?'
      local function choose(model) configure('model', model.id) end
      select(models, prompt, choice_line, function(chosen)
        if chosen.notices then return require('glossator.scratch').open(vim.split(chosen.notices, '\n', { plain = true })) end
        if chosen.others then return select(others, prompt, model_line, choose) end
        choose(chosen)
      end)
    end)
  end)
end

local function pack_line(pack)
  if pack.problem then return ('%s  (%s)'):format(pack.slug, one_line(pack.problem)) end
  return ('%s  (%d tools: %s)'):format(pack.slug, #pack.tools, table.concat(pack.tools, ', '))
end

--- Chooses the pack of tools of a session that has not begun; without one a list is shown.
---@param slug string
function M.pack(slug)
  if slug ~= '' then return configure('pack', slug) end
  server.ready(function(client)
    client_of.request(client, 'glossator/packs/list', {}, function(result)
      select(list(result, 'packs'), 'Which tools?', pack_line, function(chosen) configure('pack', chosen.slug) end)
    end)
  end)
end

M.policies = { 'read-only', 'ask', 'auto-edit', 'full' }

local policy_words = {
  ['read-only'] = 'nothing is changed, nothing is run that may change something',
  ask = 'commands that are not known to be safe ask, and so does what is protected',
  ['auto-edit'] = 'edits are kept at once, commands ask',
  full = 'nothing asks but what is protected',
}

--- Chooses what the session may do without asking; without one a list is shown.
---@param name string
function M.policy(name)
  if name ~= '' then return configure('policy', name) end
  local function line(policy) return ('%s  (%s)'):format(policy, policy_words[policy]) end
  select(M.policies, 'What may be done without asking?', line, function(chosen) configure('policy', chosen) end)
end

local function task_line(task)
  local seconds = math.max(0, os.time() - math.floor((task.startedAt or 0) / 1000))
  local since = seconds < 120 and seconds .. ' s' or math.floor(seconds / 60) .. ' min'
  return ('%s  %s  (runs for %s)'):format(task.id, one_line(task.line or task.tool), since)
end

-- Calls `done` with the tasks that run, in any session of the server.
local function running_tasks(done)
  server.ready(function(client)
    client_of.request(client, 'glossator/tasks/list', {}, function(result)
      local running = vim.tbl_filter(function(task) return task.state == 'running' end, list(result, 'tasks'))
      if #running == 0 then return client_of.notify('no task is running') end
      done(running, client)
    end)
  end)
end

--- Tells which tasks run.
function M.tasks()
  running_tasks(function(running)
    local lines = vim.tbl_map(task_line, running)
    require('glossator.scratch').open(vim.list_extend(lines, { ':Glossator cancel [id] stops one' }))
  end)
end

--- Stops a task: the one that is named, the only one, or one that is picked.
---@param id string
function M.cancel(id)
  running_tasks(function(running, client)
    local function stop(task)
      client_of.request(client, 'glossator/tasks/cancel', { sessionId = task.sessionId, id = task.id }, function(result)
        local stopped = type(result) == 'table' and result.cancelled
        client_of.notify(('task %s %s'):format(task.id, stopped and 'is being stopped' or 'has ended already'))
      end)
    end
    if id ~= '' then
      running = vim.tbl_filter(function(task) return task.id == id end, running)
      if #running == 0 then return client_of.notify(("no task '%s' is running; see :Glossator tasks"):format(id), vim.log.levels.WARN) end
    end
    if #running == 1 then return stop(running[1]) end
    select(running, 'Stop which task?', task_line, stop)
  end)
end

local function hunk_line(hunk)
  local place = hunk.range and (':%d'):format(hunk.range.start.line + 1) or ''
  local first = vim.split(vim.trim(hunk.current or hunk.proposed or ''), '\n', { plain = true })[1]
  if first == '' then first = vim.split(vim.trim(hunk.base or ''), '\n', { plain = true })[1] end
  return ('%s%s  %s  (%s, %s, %s)'):format(hunk.path, place, one_line(first), hunk.id, hunk.turnId, hunk.state)
end

--- Lets the user pick a hunk that waits for a decision, and goes there.
function M.hunk()
  with_session(function(client, session)
    client_of.request(client, 'glossator/changeSet/read', { sessionId = session.id }, function(result)
      local found = list(result, 'hunks')
      if #found == 0 then return client_of.notify('no hunk waits for a decision') end
      select(found, 'Go to which hunk?', hunk_line, function(hunk)
        client_of.execute(client, 'showHunk', { { hunks = { hunk.id }, sessionId = session.id } })
      end)
    end)
  end)
end

local function take_out(client, session, prompt)
  client_of.request(client, 'glossator/turn/unqueue', { sessionId = session.id, id = prompt.id }, function(result)
    if type(result) ~= 'table' or not result.removed then return client_of.notify(prompt.id .. ' waits no more') end
    client_of.notify(('%s is taken out of the queue, and stands in the prompt'):format(prompt.id))
    require('glossator.chat').keep(client, session.id, session_of.written(client, list(result, 'input')))
  end)
end

--- Shows the prompts that wait for their turn: one that is picked is taken out. A queue that waits for the user goes on.
function M.queued()
  with_session(function(client, session)
    client_of.request(client, 'glossator/turn/queued', { sessionId = session.id }, function(result)
      local prompts = list(result, 'prompts')
      if #prompts == 0 then return client_of.notify('no prompt waits; :Glossator queue {text} lets one wait for its turn') end
      local items = vim.list_slice(prompts)
      if type(result.waits) == 'string' then table.insert(items, 1, { go_on = true }) end
      local function line(prompt)
        if prompt.go_on then return 'Go on with the queue: ' .. result.waits end
        return ('%s  %s'):format(prompt.id, one_line(session_of.written(client, prompt.input)))
      end
      select(items, 'Prompts that wait (picking one takes it out)', line, function(prompt)
        if prompt.go_on then return client_of.execute(client, 'ask', { '/queue' }) end -- `queue` would send what is being written
        take_out(client, session, prompt)
      end)
    end)
  end)
end

--- Shows what was allowed for the session: what is picked is allowed no more.
function M.grants()
  with_session(function(client, session)
    client_of.request(client, 'glossator/grants/list', { sessionId = session.id }, function(result)
      local grants = list(result, 'grants')
      if #grants == 0 then return client_of.notify('nothing was allowed beyond one time') end
      select(grants, 'Allow no more?', function(grant) return one_line(grant.what) .. (grant.saved and '  (saved for this workspace)' or '') end, function(grant)
        client_of.request(client, 'glossator/grants/revoke', { sessionId = session.id, id = grant.id }, function()
          client_of.notify(one_line(grant.what) .. ' is asked for again')
        end)
      end)
    end)
  end)
end

return M
