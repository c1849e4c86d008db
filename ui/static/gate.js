/* Runs first, in the oldest JavaScript: chooses the theme before the first paint, and tells people whose
   WebView cannot run the app how to update it. The floor is Chrome/WebView 99 and Safari 15. */
(function () {
  var root = document.documentElement;
  function stored(key) {
    try {
      return localStorage.getItem(key);
    } catch (e) {
      return null;
    }
  }
  function matches(query) {
    return !!window.matchMedia && window.matchMedia(query).matches;
  }
  var theme = stored('theme');
  if (theme !== 'light' && theme !== 'dark' && theme !== 'contrast') {
    theme = matches('(prefers-contrast: more)')
      ? 'contrast'
      : matches('(prefers-color-scheme: dark)')
        ? 'dark'
        : 'light';
  }
  root.setAttribute('data-theme', theme);
  var scale = parseFloat(stored('scale') || '1');
  if (scale >= 1 && scale <= 2) root.style.fontSize = scale * 100 + '%';
  if (stored('PARAGLIDE_LOCALE') === 'en') root.lang = 'en';

  var old =
    !('noModule' in document.createElement('script')) ||
    typeof globalThis === 'undefined' ||
    !window.Intl ||
    !window.ResizeObserver ||
    !Promise.allSettled ||
    !window.CSS ||
    !CSS.supports('inset', '0');
  if (!old) return;
  document.addEventListener('DOMContentLoaded', function () {
    var box = document.createElement('main');
    box.setAttribute('role', 'alert');
    box.className = 'gate';
    box.innerHTML =
      '<h1>Cần cập nhật WebView</h1>' +
      '<p>Máy này dùng bản Android System WebView (hoặc trình duyệt) quá cũ nên Xếp Loại chưa mở được. ' +
      'Dữ liệu đã lưu trên máy vẫn còn nguyên.</p>' +
      '<p>Cách làm: mở CH Play, tìm “Android System WebView”, chọn Cập nhật, rồi mở lại Xếp Loại. ' +
      'Cần bản 99 trở lên (iPhone: iOS 15 trở lên).</p>' +
      '<p lang="en">Please update Android System WebView (99 or later) or iOS (15 or later). Your data is safe.</p>';
    document.body.appendChild(box);
  });
})();
