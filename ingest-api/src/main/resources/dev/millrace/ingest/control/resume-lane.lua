#!lua flags=allow-oom
-- Resumes a lane, and rings the bell if it was paused.
-- KEYS: paused
-- ARGV: field of the lane; channel of the bell; partition
-- Returns: RESUMED
if redis.call('HDEL', KEYS[1], ARGV[1]) == 1 then
  redis.call('PUBLISH', ARGV[2], ARGV[3])
end
return { 'RESUMED' }
