// Convolution and pooling as in tlcourse.inside.convolution, in the browser.

/** The arithmetic of one direction: how many outputs, and where each looks into the input. */
export function axisOf(size, kernel, stride, padding, dilation) {
  const reach = (kernel - 1) * dilation + 1;
  let [before, after] = [0, 0];
  if (padding === "same") {
    const total = Math.max((Math.ceil(size / stride) - 1) * stride + reach - size, 0);
    before = Math.floor(total / 2); // of an odd number the larger half stands behind
    after = total - before;
  } else if (padding !== "valid") {
    before = after = Number(padding);
  }
  const outputs = Math.max(0, Math.floor((size + before + after - reach) / stride) + 1);
  return { size, kernel, stride, dilation, before, after, reach, outputs };
}

/** A map of numbers: `values` row after row, channels together. */
function image(height, width, channels = 1) {
  return { height, width, channels, values: new Float32Array(height * width * channels) };
}

/** Convolve a picture with a kernel `[row][column][channel]`, and add up over the channels. */
export function convolve(picture, kernel, { stride = 1, padding = "valid", dilation = 1, bias = 0, relu = false } = {}) {
  const rows = axisOf(picture.height, kernel.length, stride, padding, dilation);
  const columns = axisOf(picture.width, kernel[0].length, stride, padding, dilation);
  const output = image(rows.outputs, columns.outputs);
  const sums = new Float64Array(output.values.length);
  const { channels, values, width } = picture;
  // One step for each number of the kernel: the whole picture, shifted, times that number.
  for (let i = 0; i < rows.kernel; i++) {
    for (let j = 0; j < columns.kernel; j++) {
      for (let channel = 0; channel < channels; channel++) {
        const weight = kernel[i][j][channel];
        if (weight === 0) continue;
        for (let row = 0; row < rows.outputs; row++) {
          const y = row * stride - rows.before + i * dilation;
          if (y < 0 || y >= picture.height) continue;
          for (let column = 0; column < columns.outputs; column++) {
            const x = column * stride - columns.before + j * dilation;
            if (x < 0 || x >= width) continue;
            sums[row * columns.outputs + column] += weight * values[(y * width + x) * channels + channel];
          }
        }
      }
    }
  }
  for (let i = 0; i < sums.length; i++) output.values[i] = relu ? Math.max(sums[i] + bias, 0) : sums[i] + bias;
  return { ...output, rows, columns };
}

/** Reduce a map of one channel to the largest value, or the mean, of each window of `size`. */
export function pool(picture, mode, size) {
  const rows = axisOf(picture.height, size, size, "valid", 1);
  const columns = axisOf(picture.width, size, size, "valid", 1);
  const output = image(rows.outputs, columns.outputs);
  for (let row = 0; row < rows.outputs; row++) {
    for (let column = 0; column < columns.outputs; column++) {
      const inside = windowOf(picture, row, column, size).map(({ value }) => value);
      const sum = inside.reduce((a, b) => a + b, 0);
      output.values[row * columns.outputs + column] = mode === "max" ? Math.max(...inside) : sum / inside.length;
    }
  }
  return { ...output, rows, columns };
}

/** The values in a window of pooling, each with its place. */
export function windowOf(picture, row, column, size) {
  const found = [];
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const place = { row: row * size + i, column: column * size + j };
      found.push({ ...place, value: picture.values[place.row * picture.width + place.column] });
    }
  }
  return found;
}

/** How `convolve` comes to one output: patch, products (by channel, row, column), and the sum. */
export function explain(picture, kernel, output, row, column) {
  const { rows, columns } = output;
  const top = row * rows.stride - rows.before;
  const left = column * columns.stride - columns.before;
  const patch = [];
  const products = [];
  let sum = 0;
  for (let channel = 0; channel < picture.channels; channel++) {
    patch.push([]);
    products.push([]);
    for (let i = 0; i < rows.kernel; i++) {
      patch[channel].push([]);
      products[channel].push([]);
      for (let j = 0; j < columns.kernel; j++) {
        const [y, x] = [top + i * rows.dilation, left + j * columns.dilation];
        const inside = y >= 0 && y < picture.height && x >= 0 && x < picture.width;
        const value = inside ? picture.values[(y * picture.width + x) * picture.channels + channel] : 0;
        patch[channel][i].push(inside ? value : null); // null: padding, which counts as 0
        products[channel][i].push(value * kernel[i][j][channel]);
        sum += value * kernel[i][j][channel];
      }
    }
  }
  return { top, left, height: rows.reach, width: columns.reach, patch, products, sum };
}
