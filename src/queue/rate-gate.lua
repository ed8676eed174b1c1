-- The rate gate of one portal, shared by every process on this server. All times are ms by this server's clock, so the
-- clocks of the callers do not matter.
--   KEYS  burst log, search log (sorted sets: one entry per call let through, scored by its time), limits (hash)
--   ARGV  what to do, and its arguments
local burstLog, searchLog, limitsKey = KEYS[1], KEYS[2], KEYS[3]

-- Calls may reach HubSpot closer together than they left here: windows are longer by this much.
local JITTER = 250
-- Lowest tier, until headers tell more (developers.hubspot.com, usage-guidelines); search has its own limit per account.
local BURST_MAX, BURST_WINDOW = 100, 10000
local SEARCH_MAX, SEARCH_WINDOW = 5, 1000
-- How often a used-up day of unknown length is tried again.
local PROBE_GAP = 600000
local KEEP = 172800000

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local limits = {}
local flat = redis.call('HGETALL', limitsKey)
for i = 1, #flat, 2 do limits[flat[i]] = tonumber(flat[i + 1]) end

local function set(field, value)
  limits[field] = value
  redis.call('HSET', limitsKey, field, string.format('%.0f', value))
  redis.call('PEXPIRE', limitsKey, KEEP)
end

local function forget(field)
  if limits[field] then
    limits[field] = nil
    redis.call('HDEL', limitsKey, field)
  end
end

local function windowOf(kind)
  if kind == 'search' then return searchLog, SEARCH_MAX, SEARCH_WINDOW + JITTER end
  return burstLog, limits.burstMax or BURST_MAX, (limits.burstWindow or BURST_WINDOW) + JITTER
end

local function used(log, window)
  redis.call('ZREMRANGEBYSCORE', log, '-inf', now - window)
  return redis.call('ZCARD', log)
end

local function startNewDayWhenDue()
  if limits.dayResetsAt and now >= limits.dayResetsAt then
    set('dayRemaining', limits.dayMax)
    set('daySent', 0)
    forget('dayResetsAt')
  end
end

local function waitForDay(ofDay)
  if not limits.dayMax then return 0 end
  startNewDayWhenDue()
  local left = limits.dayRemaining - limits.daySent - limits.dayMax * (1 - ofDay)
  if left >= 1 then
    forget('dayProbeAt')
    return 0
  end
  if limits.dayResetsAt then return limits.dayResetsAt - now end
  if limits.dayProbeAt and now >= limits.dayProbeAt then
    forget('dayProbeAt')
    return 0
  end
  if not limits.dayProbeAt then set('dayProbeAt', now + PROBE_GAP) end
  return limits.dayProbeAt - now
end

local function waitForHolds(kind)
  local untilAt = math.max(limits.closedBurst or 0, limits.closedDay or 0)
  if kind == 'search' then untilAt = math.max(untilAt, limits.closedSearch or 0) end
  return math.max(0, untilAt - now)
end

-- Backfill leaves a little of the window to live calls, and all that comes free while one of them waits.
local function waitForWindow(kind, lane, limit, log, window)
  local usable = limit
  local wait = 0
  if lane == 'backfill' then
    usable = limit - math.floor(limit / 25)
    wait = math.max(0, (limits[kind .. 'LiveUntil'] or 0) - now)
  end
  local count = used(log, window)
  if count >= usable then
    local leaver = redis.call('ZRANGE', log, count - usable, count - usable, 'WITHSCORES')
    wait = math.max(wait, tonumber(leaver[2]) + window - now)
  end
  return wait
end

-- Answers { wait in ms (0: go), ms between two calls at full speed, what the wait is for }.
local function acquire(kind, lane, ofBurst, ofDay, patience)
  local log, max, window = windowOf(kind)
  local limit = math.max(1, math.floor(max * ofBurst))
  local wait, reason = waitForHolds(kind), 'hold'
  local windowWait = waitForWindow(kind, lane, limit, log, window)
  if windowWait > wait then wait, reason = windowWait, kind end
  -- Last, and only for a call that may go otherwise: it spends the probe of a used-up day.
  if wait == 0 then wait, reason = waitForDay(ofDay), 'day' end
  local pace = math.ceil(window / limit)
  if wait > 0 then
    if lane == 'live' and reason ~= 'day' and wait <= patience then
      set(kind .. 'LiveUntil', math.max(limits[kind .. 'LiveUntil'] or 0, now + wait + JITTER))
    end
    return { math.ceil(wait), pace, reason }
  end
  set('serial', (limits.serial or 0) + 1)
  redis.call('ZADD', log, now, string.format('%.0f', limits.serial))
  redis.call('PEXPIRE', log, window * 2)
  if limits.dayMax then set('daySent', limits.daySent + 1) end
  return { 0, pace, '' }
end

local function learnBurst(max, window)
  set('burstMax', max)
  set('burstWindow', window)
end

local function learnDay(max, remaining, resetsIn)
  set('dayMax', max)
  set('dayRemaining', remaining)
  set('daySent', 0)
  if resetsIn > 0 then
    set('dayResetsAt', now + resetsIn)
  elseif limits.dayResetsAt and now >= limits.dayResetsAt then
    forget('dayResetsAt')
  end
end

local function close(scope, wait)
  local field = ({ burst = 'closedBurst', search = 'closedSearch', day = 'closedDay' })[scope]
  set(field, math.max(limits[field] or 0, now + wait))
end

-- Unknown numbers are -1; holds are ms from now, 0 when open.
local function state()
  startNewDayWhenDue()
  local _, burstMax, burstWindow = windowOf('burst')
  local function left(field) return math.max(0, (limits[field] or 0) - now) end
  return {
    burstMax, used(burstLog, burstWindow), burstWindow - JITTER,
    SEARCH_MAX, used(searchLog, SEARCH_WINDOW + JITTER), SEARCH_WINDOW,
    limits.dayMax or -1, limits.dayMax and math.max(0, limits.dayRemaining - limits.daySent) or -1,
    left('closedBurst'), left('closedSearch'), left('closedDay'),
  }
end

local command = ARGV[1]
if command == 'acquire' then
  return acquire(ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]))
elseif command == 'learn-burst' then
  return learnBurst(tonumber(ARGV[2]), tonumber(ARGV[3]))
elseif command == 'learn-day' then
  return learnDay(tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]))
elseif command == 'close' then
  return close(ARGV[2], tonumber(ARGV[3]))
end
return state()
