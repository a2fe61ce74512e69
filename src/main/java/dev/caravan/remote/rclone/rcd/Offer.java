package dev.caravan.remote.rclone.rcd;

import dev.caravan.event.ContentChangedException;
import dev.caravan.event.ObjectContent;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One content that rclone may fetch from us. The last bytes are held back until it is certain that
 * they end what was hashed: rclone never sees the whole of anything else, so it stores nothing.
 */
public final class Offer {

  /** Small, so that a transfer with little bandwidth does not look as if it stood still. */
  private static final int BUFFER = 64 * 1024;

  private final String shown;
  private final ObjectContent content;
  private final Optional<HashType> hashType;
  private final AtomicLong moved = new AtomicLong();
  private volatile boolean withdrawn;
  private volatile @Nullable IOException fault;
  private volatile @Nullable String hash;

  /**
   * @param shown its name in messages
   * @param hashType what to compute beside SHA-256
   */
  public Offer(String shown, ObjectContent content, Optional<HashType> hashType) {
    this.shown = shown;
    this.content = content;
    this.hashType = hashType;
  }

  public ObjectContent content() {
    return content;
  }

  /** How many bytes were fetched so far; more than there are when it was fetched twice. */
  public long movedBytes() {
    return moved.get();
  }

  /** True once all of it was found to be what it should be, before rclone is given its end. */
  public boolean isComplete() {
    return hash != null;
  }

  /** The hash of what was fetched, in lower-case hex digits. */
  public Optional<String> hash() {
    return Optional.ofNullable(hash);
  }

  /** Throws what kept us from reading the content to its end, if anything did. */
  public void rethrow() throws IOException {
    IOException thrown = fault;
    if (thrown != null) {
      throw thrown;
    }
  }

  /** Nobody wants it any more: a transfer that is under way breaks. */
  void withdraw() {
    withdrawn = true;
  }

  /** Makes certain that an empty content is still the one that was hashed; it has no last byte. */
  void ensureUnchanged() throws IOException {
    try {
      content.ensureUnchanged();
    } catch (IOException e) {
      fault = e;
      throw e;
    }
  }

  /**
   * Sends it.
   *
   * @throws IOException whose reason is ours when {@link #rethrow} throws it, else rclone's
   */
  void send(OutputStream out) throws IOException {
    MessageDigest sha256 = HashType.SHA256.begin();
    Optional<MessageDigest> other =
        hashType.filter(type -> type != HashType.SHA256).map(HashType::begin);
    byte[] buffer = new byte[(int) Math.max(1, Math.min(BUFFER, content.sizeBytes()))];
    long left = content.sizeBytes();
    try (InputStream in = openContent()) {
      while (left > 0) {
        int read = read(in, buffer, left);
        sha256.update(buffer, 0, read);
        other.ifPresent(digest -> digest.update(buffer, 0, read));
        left -= read;
        if (left == 0) {
          ensureWhole(sha256, other);
        }
        out.write(buffer, 0, read);
        moved.addAndGet(read);
      }
    }
    if (content.sizeBytes() == 0) {
      ensureWhole(sha256, other);
    }
    out.flush();
  }

  private InputStream openContent() throws IOException {
    try {
      return content.open(0, content.sizeBytes());
    } catch (IOException e) {
      fault = e;
      throw e;
    }
  }

  private int read(InputStream in, byte[] buffer, long left) throws IOException {
    if (withdrawn) {
      throw new IOException("withdrawn");
    }
    try {
      int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (read < 0) {
        throw new ContentChangedException("File " + shown + " is shorter than it was");
      }
      return read;
    } catch (IOException e) {
      fault = e;
      throw e;
    }
  }

  private void ensureWhole(MessageDigest sha256, Optional<MessageDigest> other) throws IOException {
    String sent = HexFormat.of().formatHex(sha256.digest());
    if (!sent.equals(content.sha256())) {
      fault =
          new ContentChangedException(
              "File " + shown + " is no longer what was hashed; it is sent again later");
      throw fault;
    }
    ensureUnchanged();
    hash = other.map(digest -> HexFormat.of().formatHex(digest.digest())).orElse(sent);
  }
}
