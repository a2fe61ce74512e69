package dev.caravan.remote.sftp;

import dev.caravan.event.Owner;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.Unkept;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.sshd.sftp.client.SftpClient.Attribute;
import org.apache.sshd.sftp.client.SftpClient.Attributes;

/** What the server says of one name, not following a link. */
record SftpStat(Kind kind, long sizeBytes, Instant modifiedAt, Remote.Traits traits) {

  /** The last second that the protocol's 32 bits can say, in 2106; the first is 1970. */
  static final long LAST_SECOND = 0xFFFF_FFFFL;

  private static final long SECOND_NS = 1_000_000_000L;

  enum Kind {
    FILE,
    FOLDER,
    LINK,
    SPECIAL
  }

  static SftpStat of(Attributes attributes) {
    Kind kind =
        attributes.isRegularFile()
            ? Kind.FILE
            : attributes.isDirectory()
                ? Kind.FOLDER
                : attributes.isSymbolicLink() ? Kind.LINK : Kind.SPECIAL;
    boolean timed = attributes.getFlags().contains(Attribute.ModifyTime);
    return new SftpStat(
        kind,
        attributes.getSize(),
        timed ? attributes.getModifyTime().toInstant() : Instant.EPOCH,
        traitsOf(attributes));
  }

  private static Remote.Traits traitsOf(Attributes attributes) {
    boolean owned = attributes.getFlags().contains(Attribute.UidGid);
    return new Remote.Traits(
        attributes.getFlags().contains(Attribute.Perms)
            ? OptionalInt.of(attributes.getPermissions() & 07777)
            : OptionalInt.empty(),
        owned
            ? Optional.of(
                new Owner(
                    Integer.toUnsignedLong(attributes.getUserId()),
                    Integer.toUnsignedLong(attributes.getGroupId())))
            : Optional.empty());
  }

  /** The time as the protocol can say it: whole seconds, from 1970 to 2106. */
  static Instant keepable(Instant time) {
    return Instant.ofEpochSecond(Math.max(0, Math.min(LAST_SECOND, time.getEpochSecond())));
  }

  /** What {@link #keepable} does not keep of a time, in words. */
  static List<String> unkept(long modifiedNs) {
    boolean inRange = modifiedNs >= 0 && modifiedNs / SECOND_NS <= LAST_SECOND;
    return inRange ? Unkept.time(modifiedNs, SECOND_NS) : List.of("its time");
  }

  boolean isFile() {
    return kind == Kind.FILE;
  }

  boolean isFolder() {
    return kind == Kind.FOLDER;
  }

  ObjectStat ofObject(ObjectKey key, Optional<String> sha256) {
    return new ObjectStat(key, sizeBytes, modifiedAt, Optional.empty(), Optional.empty(), sha256);
  }
}
