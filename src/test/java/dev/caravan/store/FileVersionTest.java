package dev.caravan.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.event.ContentChangedException;
import dev.caravan.event.StorePath;
import dev.caravan.event.WantedSums;
import dev.caravan.event.WantedSums.PartSum;
import dev.caravan.store.scan.StoreProbe;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileVersionTest {
  private static final int MIB = 1 << 20;
  private static final StorePath PATH = StorePath.of("folder/file");

  @TempDir Path root;
  private StoreTree tree;
  private Path file;

  @BeforeEach
  void makeTree() throws IOException {
    tree = new StoreTree(root, root.resolve(".caravan"), Clock.systemUTC());
    file = tree.makeFoldersFor(PATH);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {0, 1, 65_536, 262_143, 262_144, 262_145, MIB, MIB + 1, 3 * MIB - 1, 9 * MIB + 7})
  void digestsAndPartsAreThoseOfTheFile(int size) throws Exception {
    byte[] content = write(size);
    for (boolean wantMd5 : new boolean[] {true, false}) {
      FileVersion version = FileVersion.read(tree, seen(), WantedSums.md5(wantMd5));

      assertThat(version.sizeBytes()).isEqualTo(size);
      assertThat(version.sha256()).isEqualTo(hex("SHA-256", content));
      assertThat(HexFormat.of().formatHex(version.md5())).isEqualTo(hex("MD5", content));
      assertThat(version.modifiedAt()).isEqualTo(Files.getLastModifiedTime(file).toInstant());
      assertThat(read(version, 0, size)).isEqualTo(content);
      version.ensureUnchanged();
    }
  }

  @ParameterizedTest
  @EnumSource
  void sumsOfPartsAreKnownWhereTheyWereAskedFor(PartSum sum) throws Exception {
    byte[] content = write(9 * MIB + 7);
    for (int part : List.of(MIB, MIB + 3, 5 * MIB, 9 * MIB + 6, 9 * MIB + 7, 20 * MIB)) {
      WantedSums.Parts parts = new WantedSums.Parts(sum, part);
      for (boolean md5 : new boolean[] {true, false}) {
        FileVersion version =
            FileVersion.read(tree, seen(), new WantedSums(md5, Optional.of(parts)));
        assertThat(version.sha256()).isEqualTo(hex("SHA-256", content));
        assertThat(HexFormat.of().formatHex(version.md5())).isEqualTo(hex("MD5", content));
        for (int from = 0; from < content.length; from += part) {
          int to = Math.min(content.length, from + part);
          assertThat(version.partSum(sum, from, to - from).orElseThrow())
              .as("%d to %d of parts of %d", from, to, part)
              .isEqualTo(sumOf(sum, Arrays.copyOfRange(content, from, to)));
        }
      }
    }
  }

  @Test
  void theSumOfWhatIsNoPartIsNotKnown() throws Exception {
    write(9 * MIB + 7);
    Optional<WantedSums.Parts> parts = Optional.of(new WantedSums.Parts(PartSum.SHA256, 4 * MIB));
    FileVersion version = FileVersion.read(tree, seen(), new WantedSums(true, parts));
    assertThat(version.partSum(PartSum.SHA256, 4 * MIB, 4 * MIB)).isPresent();
    assertThat(version.partSum(PartSum.SHA256, 4 * MIB, 4 * MIB - 1)).isEmpty();
    assertThat(version.partSum(PartSum.SHA256, 4 * MIB + 1, 4 * MIB)).isEmpty();
    assertThat(version.partSum(PartSum.SHA256, 8 * MIB, 4 * MIB)).isEmpty();
    assertThat(version.partSum(PartSum.SHA256, 12 * MIB, 0)).isEmpty();
    assertThat(version.partSum(PartSum.CRC32C, 4 * MIB, 4 * MIB)).isEmpty();

    write(1000);
    FileVersion small = FileVersion.read(tree, seen(), new WantedSums(true, parts));
    assertThat(small.partSum(PartSum.SHA256, 0, 1000)).isEmpty();
  }

  private static byte[] sumOf(PartSum sum, byte[] bytes) throws NoSuchAlgorithmException {
    if (sum == PartSum.SHA256) {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    }
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return ByteBuffer.allocate(4).putInt((int) crc.getValue()).array();
  }

  @Test
  void anyPartCanBeRead() throws Exception {
    long seed = 99;
    Random random = new Random(seed);
    byte[] content = write(5 * MIB + 1234);
    FileVersion version = FileVersion.read(tree, seen(), WantedSums.NONE);
    for (int round = 0; round < 100; round++) {
      int from = random.nextInt(content.length);
      int length = random.nextInt(content.length - from + 1);
      assertThat(read(version, from, length))
          .as("seed %d round %d", seed, round)
          .isEqualTo(Arrays.copyOfRange(content, from, from + length));
    }
    assertThatThrownBy(() -> version.open(content.length, 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void singleBytesCanBeRead() throws Exception {
    byte[] content = write(MIB + 3);
    FileVersion version = FileVersion.read(tree, seen(), WantedSums.NONE);
    try (InputStream in = version.open(MIB - 2, 5)) {
      for (int i = MIB - 2; i < MIB + 3; i++) {
        assertThat(in.read()).isEqualTo(content[i] & 0xFF);
      }
      assertThat(in.read()).isEqualTo(-1);
    }
  }

  @Test
  void aFileThatIsNotWhatWasSeenIsRefused() throws Exception {
    write(1000);
    FileStat seen = seen();
    write(1000);
    assertChanged(seen);

    FileStat again = seen();
    Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
    assertChanged(again);

    FileStat present = seen();
    Files.delete(file);
    assertChanged(present);
    Files.createDirectory(file);
    assertChanged(present);
  }

  @Test
  void aChangeOfOneBitIsNoticedEvenWhereTheStampsLie() throws Exception {
    byte[] content = write(4 * MIB);
    FileVersion version = FileVersion.read(tree, seen(), WantedSums.NONE);
    for (int position : new int[] {0, MIB - 1, MIB, 2 * MIB + 77, 4 * MIB - 1}) {
      flip(position, content);
      // The parts around the change, whichever bytes of its block they ask for.
      int block = position / MIB * MIB;
      assertNoLastByte(version, block, MIB);
      assertNoLastByte(version, block + 5, 1);
      assertNoLastByte(version, 0, 4 * MIB);
      flip(position, content);
    }
  }

  @Test
  void aFileThatBecomesShorterWhileItIsSentIsNoticed() throws Exception {
    write(3 * MIB);
    FileVersion version = FileVersion.read(tree, seen(), WantedSums.NONE);
    try (InputStream in = version.open(0, 3 * MIB)) {
      in.readNBytes(10);
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(MIB);
      }
      assertThatThrownBy(in::readAllBytes).isInstanceOf(ContentChangedException.class);
    }
  }

  @Test
  void aFileThatGrowsWhileItIsSentIsNoticed() throws Exception {
    write(3 * MIB);
    FileVersion version = FileVersion.read(tree, seen(), WantedSums.NONE);
    try (InputStream in = version.open(2 * MIB, MIB)) {
      in.readNBytes(10);
      Files.write(file, new byte[] {1}, StandardOpenOption.APPEND);
      assertThatThrownBy(in::readAllBytes).isInstanceOf(ContentChangedException.class);
    }
    assertThatThrownBy(version::ensureUnchanged).isInstanceOf(ContentChangedException.class);
  }

  @Test
  void aSmallFileThatChangedIsNotOpenedAgain() throws Exception {
    write(100);
    FileVersion version = FileVersion.read(tree, seen(), WantedSums.NONE);
    write(100);

    assertThatThrownBy(() -> version.open(0, 100)).isInstanceOf(ContentChangedException.class);
    assertThatThrownBy(version::md5).isInstanceOf(ContentChangedException.class);
  }

  @Test
  void linksAndPipesAreNotRead() throws Exception {
    Files.createSymbolicLink(file, Path.of("elsewhere"));

    assertThatThrownBy(() -> FileVersion.read(tree, seen(), WantedSums.NONE))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aFolderThatBecameALinkIsNotFollowed() throws Exception {
    write(100);
    FileStat seen = seen();
    Files.move(root.resolve("folder"), root.resolve("other"));
    Files.createSymbolicLink(root.resolve("folder"), Path.of("other"));

    assertThatThrownBy(() -> FileVersion.read(tree, seen, WantedSums.NONE))
        .isInstanceOf(SymlinkedPathException.class);
  }

  @Test
  void aLargeFileNeedsLittleMemory() throws Exception {
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(400L * MIB);
    }
    Process process =
        StoreProbe.start(List.of(), List.of("-Xmx16m", "-XX:+UseSerialGC"), "hash", root);
    String output = new String(process.getInputStream().readAllBytes(), UTF_8).strip();

    MessageDigest zeros = MessageDigest.getInstance("SHA-256");
    for (int i = 0; i < 400; i++) {
      zeros.update(new byte[MIB]);
    }
    assertThat(output).isEqualTo(HexFormat.of().formatHex(zeros.digest()));
  }

  @Test
  void theTableOfAHugeFileStaysSmall() throws Exception {
    long size = 5L << 40;
    BlockSums sums = new BlockSums(size);

    assertThat(sums.endOf(0)).isEqualTo(128L * MIB);
    assertThat(sums.endOf(size - 1)).isEqualTo(size);
    assertThat(sums.startOf(129L * MIB)).isEqualTo(128L * MIB);
    assertThat(new BlockSums(64L << 30).endOf(0)).isEqualTo(MIB);
  }

  private void assertChanged(FileStat seen) {
    assertThatThrownBy(() -> FileVersion.read(tree, seen, WantedSums.MD5))
        .isInstanceOf(ContentChangedException.class)
        .hasMessageContaining(PATH.value());
  }

  /** Changes a bit, then compares as if size, stamps and inode were equal. */
  private void flip(int position, byte[] content) throws IOException {
    content[position] ^= 4;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(content, position, 1), position);
    }
  }

  private void assertNoLastByte(FileVersion version, int from, int length) throws IOException {
    int got = 0;
    try (InputStream in = version.open(from, length)) {
      byte[] buffer = new byte[10_000];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        got += n;
      }
      throw new AssertionError("The change went unnoticed");
    } catch (ContentChangedException e) {
      assertThat(got).isLessThan(length);
    }
  }

  private byte[] write(int size) throws IOException {
    byte[] content = new byte[size];
    new Random(size).nextBytes(content);
    Files.write(file, content);
    return content;
  }

  private FileStat seen() throws IOException {
    return tree.stat(PATH).orElseThrow();
  }

  private static byte[] read(FileVersion version, long offset, long length) throws IOException {
    try (InputStream in = version.open(offset, length)) {
      return in.readAllBytes();
    }
  }

  private static String hex(String algorithm, byte[] content) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
  }
}
