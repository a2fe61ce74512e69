package dev.caravan;

import dev.caravan.clock.WaitingQueue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.BlockingQueue;
import org.apache.camel.Exchange;
import org.apache.camel.component.seda.BlockingQueueFactory;

/** The queues of {@code seda:} endpoints; those of endpoints that went are forgotten. */
final class CamelQueues implements BlockingQueueFactory<Exchange> {

  private final Set<WaitingQueue<Exchange>> made =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  @Override
  public BlockingQueue<Exchange> create() {
    return create(Integer.MAX_VALUE);
  }

  @Override
  public BlockingQueue<Exchange> create(int capacity) {
    WaitingQueue<Exchange> queue = new WaitingQueue<>(capacity);
    made.add(queue);
    return queue;
  }

  /** Who reads learns soon that it is to end. */
  void wake() {
    all().forEach(WaitingQueue::wake);
  }

  /** Who reads may wait for long again. */
  void rest() {
    all().forEach(WaitingQueue::rest);
  }

  private List<WaitingQueue<Exchange>> all() {
    synchronized (made) {
      return new ArrayList<>(made);
    }
  }
}
