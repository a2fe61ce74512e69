/** Far places that hold objects, behind one contract; providers live in rooms below this one. */
@NullMarked
package dev.caravan.remote;

import org.jspecify.annotations.NullMarked;
