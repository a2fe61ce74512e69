package dev.caravan.remote;

import dev.caravan.config.Bandwidth;
import dev.caravan.contract.RemoteContract;
import dev.caravan.remote.memory.MemoryRemote;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.LocalTime;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** All wrappers around one remote keep the contract. */
class WrappedRemoteTest extends RemoteContract {

  private final MemoryRemote memory = new MemoryRemote("memory");

  @Override
  protected Remote fresh() {
    return open();
  }

  @Override
  public Remote open() {
    Bandwidth bandwidth = new Bandwidth(new TreeMap<>(Map.of(LocalTime.MIDNIGHT, 1L << 30)));
    RateLimit limit = new RateLimit(bandwidth, Clock.systemUTC(), duration -> {});
    Remote slowed = new ThrottledRemote(memory, limit);
    Remote metered =
        new MeteredRemote(slowed, new SimpleMeterRegistry(), (remote, direction, bytes) -> {});
    return new RetryingRemote(metered, Backoff.standard(new Random()));
  }

  @Override
  public long partSize() {
    return 1 << 20;
  }
}
