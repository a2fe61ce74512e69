package dev.caravan.event;

import java.util.function.BooleanSupplier;

/**
 * Whether whoever makes a call to a remote still wants its answer. It is known by the thread of the
 * call, so that wherever a call waits for its turn, it need not wait on for nobody.
 */
public final class Caller {

  private static final ThreadLocal<BooleanSupplier> CANCELLED =
      ThreadLocal.withInitial(() -> () -> false);

  private Caller() {}

  /** Ends what {@link #until} began. */
  public interface Calls extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * The calls of this thread are wanted until something is true, or the result is closed.
   *
   * @param cancelled asked from this thread alone, several times a second
   */
  public static Calls until(BooleanSupplier cancelled) {
    BooleanSupplier before = CANCELLED.get();
    CANCELLED.set(() -> cancelled.getAsBoolean() || before.getAsBoolean());
    return () -> CANCELLED.set(before);
  }

  /** True when nobody wants the answer of the call that this thread makes. */
  public static boolean isGone() {
    return CANCELLED.get().getAsBoolean();
  }
}
