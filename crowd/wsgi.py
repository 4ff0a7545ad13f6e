import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crowd.settings")
application = get_wsgi_application()

# What is loaded by now stays: the collector need not walk through it again, nor through what a few requests leave.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
