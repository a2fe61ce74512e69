package dev.caravan.store.scan;

import dev.caravan.event.StorePath;
import dev.caravan.store.NodeStat;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The names and stats of one folder, sorted so that walking it depth first visits full paths in
 * byte order: a sub-folder sorts as its name with {@code /} appended.
 *
 * <p>Holds 56 bytes and the UTF-8 text of the name per entry, and no object, so that a folder of
 * 10^6 files fits a small heap. It grows by chunks and pages, never by copying what is large.
 */
final class FolderListing {
  private static final int FIELDS = 7;
  private static final int CHUNK_BITS = 10;
  private static final int CHUNK = 1 << CHUNK_BITS;
  private static final int PAGE_BITS = 16;
  private static final int PAGE = 1 << PAGE_BITS;

  private final List<long[]> chunks = new ArrayList<>();
  private final Map<Integer, String> problems = new HashMap<>();
  private final List<StorePath> temporaries = new ArrayList<>();
  private final List<byte[]> pages = new ArrayList<>();
  private int pageEnd;
  private int count;
  private int[] order = new int[0];

  /** Appends an entry; folders get their slash here. */
  void add(String name, NodeStat stat) {
    long[] chunk = chunkFor(count);
    int at = (count & (CHUNK - 1)) * FIELDS;
    chunk[at] = stat.sizeBytes();
    chunk[at + 1] = stat.modifiedNs();
    chunk[at + 2] = stat.changedNs();
    chunk[at + 3] = stat.inode();
    chunk[at + 4] = stat.device();
    chunk[at + 6] = stat.packedOwner();
    byte[] bytes = (stat.isFolder() ? name + "/" : name).getBytes(StandardCharsets.UTF_8);
    chunk[at + 5] = pack(stat.mode(), bytes.length, appendName(bytes));
    count++;
  }

  /** Appends a name that could not be looked at, whatever it is. */
  void addProblem(String name, String problem) {
    problems.put(count, problem);
    add(name, new NodeStat(0, 0, 0, 0, 0, 0, 0));
  }

  /** Appends an unfinished file of Caravan's own, which is no entry. */
  void addTemporary(StorePath path) {
    temporaries.add(path);
  }

  /** Ends the adding. */
  void sort() {
    order = new int[count];
    for (int i = 0; i < count; i++) {
      order[i] = i;
    }
    sort(order.clone(), order, 0, count);
  }

  List<StorePath> temporaries() {
    return temporaries;
  }

  int count() {
    return count;
  }

  /** The name at a place of the sorted order, without the slash of a folder. */
  String name(int place) {
    long packed = field(order[place], 5);
    int slash = NodeStat.isFolder(mode(packed)) ? 1 : 0;
    int length = length(packed) - slash;
    int at = start(packed) & (PAGE - 1);
    return new String(page(packed), at, length, StandardCharsets.UTF_8);
  }

  boolean isFolder(int place) {
    return NodeStat.isFolder(mode(field(order[place], 5)));
  }

  Optional<String> problem(int place) {
    return problems.isEmpty() ? Optional.empty() : Optional.ofNullable(problems.get(order[place]));
  }

  NodeStat stat(int place) {
    int i = order[place];
    long[] chunk = chunks.get(i >>> CHUNK_BITS);
    int at = (i & (CHUNK - 1)) * FIELDS;
    return new NodeStat(
        chunk[at],
        chunk[at + 1],
        chunk[at + 2],
        chunk[at + 3],
        chunk[at + 4],
        mode(chunk[at + 5]),
        chunk[at + 6]);
  }

  private long[] chunkFor(int index) {
    int number = index >>> CHUNK_BITS;
    if (number == chunks.size()) {
      chunks.add(new long[(number == 0 ? 16 : CHUNK) * FIELDS]);
    }
    long[] chunk = chunks.get(number);
    if ((index & (CHUNK - 1)) * FIELDS == chunk.length) {
      chunk = Arrays.copyOf(chunk, chunk.length * 2);
      chunks.set(number, chunk);
    }
    return chunk;
  }

  /** Stores a name whole in one page and returns where it starts. */
  private int appendName(byte[] name) {
    byte[] page = pages.isEmpty() ? new byte[0] : pages.get(pages.size() - 1);
    if (pages.isEmpty() || pageEnd + name.length > PAGE) {
      page = new byte[pages.isEmpty() ? 512 : PAGE];
      pages.add(page);
      pageEnd = 0;
    }
    int number = pages.size() - 1;
    while (pageEnd + name.length > page.length) {
      page = Arrays.copyOf(page, page.length * 2);
      pages.set(number, page);
    }
    System.arraycopy(name, 0, page, pageEnd, name.length);
    int start = Math.multiplyExact(number, PAGE) + pageEnd;
    pageEnd += name.length;
    return start;
  }

  private long field(int index, int field) {
    return chunks.get(index >>> CHUNK_BITS)[(index & (CHUNK - 1)) * FIELDS + field];
  }

  /** Merge sort of indexes: the library sorts primitives by value only, and boxes are too big. */
  private void sort(int[] from, int[] to, int low, int high) {
    if (high - low < 2) {
      return;
    }
    int middle = (low + high) >>> 1;
    sort(to, from, low, middle);
    sort(to, from, middle, high);
    if (compare(from[middle - 1], from[middle]) < 0) {
      System.arraycopy(from, low, to, low, high - low);
      return;
    }
    int left = low;
    int right = middle;
    for (int i = low; i < high; i++) {
      boolean takeLeft = right >= high || (left < middle && compare(from[left], from[right]) < 0);
      to[i] = takeLeft ? from[left++] : from[right++];
    }
  }

  private int compare(int a, int b) {
    long x = field(a, 5);
    long y = field(b, 5);
    int xAt = start(x) & (PAGE - 1);
    int yAt = start(y) & (PAGE - 1);
    return Arrays.compareUnsigned(page(x), xAt, xAt + length(x), page(y), yAt, yAt + length(y));
  }

  private byte[] page(long packed) {
    return pages.get(start(packed) >>> PAGE_BITS);
  }

  /** A mode and a length have 16 bits each: a name of 255 bytes has at most 1276 in text form. */
  private static long pack(int mode, int length, int start) {
    return ((long) mode << 48) | ((long) length << 32) | start;
  }

  private static int mode(long packed) {
    return (int) (packed >>> 48);
  }

  private static int length(long packed) {
    return (int) (packed >>> 32) & 0xFFFF;
  }

  private static int start(long packed) {
    return (int) packed;
  }
}
