package dev.caravan.remote;

import dev.caravan.event.ForwardingContent;
import dev.caravan.event.ObjectContent;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.UnaryOperator;

/** The same content; what is sent of it is seen through a wrapper. */
final class WrappedContent extends ForwardingContent {

  private final UnaryOperator<InputStream> wrapper;

  WrappedContent(ObjectContent content, UnaryOperator<InputStream> wrapper) {
    super(content);
    this.wrapper = wrapper;
  }

  @Override
  public InputStream open(long offset, long length) throws IOException {
    return wrapper.apply(super.open(offset, length));
  }
}
